<?php
// A shop as it is often written first. Its happy path works: it takes the money and sends
// the parcel while the customer's form waits for its answer. It writes down what it has
// done, not what it is about to do, and takes every form for a new purchase.
declare(strict_types=1);
require __DIR__ . '/partners.php';
require __DIR__ . '/orders.php';
require __DIR__ . '/pages.php';

function buy(string $basket, string $order): void
{
    $reference = "$order-" . bin2hex(random_bytes(4)); // a new payment for each form
    createPayment($reference);
    while (($state = payment($reference)['state']) === 'CREATED') {
        usleep(1000 * (int) getenv('POLL_MS')); // she approves it in her app
    }
    if ($state !== 'AUTHORIZED') {
        page(402, 'The payment was refused.', form($basket));
    }
    capturePayment($reference);
    if ((new Orders)->add($order, $basket, 'shipped')) { // the order is checked for, the payment was not
        bookParcel($order, $basket);
    }
}

[$method, $kind, $id] = route();
if ($kind === 'checkout' && $method === 'GET') {
    page(200, 'Your basket', form($id));
}
if ($kind === 'checkout' && $method === 'POST') {
    checkCSRF();
    buy($id, "$id-order");
    redirect("/orders/$id-order");
}
if ($kind === 'orders' && (new Orders)->find($id)) {
    page(200, 'Thank you! Your parcel is on its way.');
}
page(404, 'There is nothing here.');

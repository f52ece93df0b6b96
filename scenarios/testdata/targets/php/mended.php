<?php
// The same shop, mended. What is different:
//
//  - A form puts the order of its basket: however often it comes, it is one order.
//  - The request writes the order down and sends the customer to the order's page, which
//    loads itself again until there is an outcome. worker.php does the rest.
//  - A page that waits for an answer for too long goes to the order's page, and where the
//    shop has no such order, the form is sent again.
declare(strict_types=1);
require __DIR__ . '/partners.php';
require __DIR__ . '/orders.php';
require __DIR__ . '/pages.php';

const SAYS = [
    'shipped' => 'Thank you! Your parcel is on its way.',
    'refused' => 'The payment was refused. You were not charged.',
    'working' => 'We have your order, and are working on it.',
];
const REFRESH = '<meta http-equiv="refresh" content="2">';

function orderOf(string $basket): string
{
    return "$basket-order"; // one basket, one order, however often its page is loaded
}

function lead(string $order): string
{
    $there = json_encode('/orders/' . rawurlencode($order), JSON_HEX_TAG);
    return "<script>document.forms[0].addEventListener('submit', () => setTimeout(() => { location = $there; }, 5000));</script>\n";
}

[$method, $kind, $id] = route();
$orders = new Orders;
if ($kind === 'checkout' && $method === 'GET') {
    page(200, 'Your basket', form($id) . lead(orderOf($id)));
}
if ($kind === 'checkout' && $method === 'POST') {
    checkCSRF();
    session_write_close(); // or her next request waits for this one
    if (($_POST['shown'] ?? '') !== sprintf('%.2f %s', PRICE['value'] / 100, PRICE['currency'])) {
        page(409, 'The basket has changed. Please look at it again.', form($id));
    }
    $orders->add(orderOf($id), $id, 'paying');
    redirect('/orders/' . rawurlencode(orderOf($id)));
}
if ($kind === 'orders' && $order = $orders->find($id)) {
    $says = SAYS[$order['status']] ?? null;
    page(200, $says ?? SAYS['working'], head: $says ? '' : REFRESH);
}
if ($kind === 'orders') { // her form has not come: here it is again
    page(404, 'One moment …', form(preg_replace('/-order$/', '', $id)) . "<script>document.forms[0].submit();</script>\n");
}
page(404, 'There is nothing here.');

<?php
// The calls to the payment provider and to the carrier that a purchase needs. Both shops
// here make the same ones; they differ in when, and in what they take an answer for.
declare(strict_types=1);

const PRICE = ['value' => 49900, 'currency' => 'NOK'];

final class Refused extends RuntimeException
{
    public function __construct(public readonly int $status, string $body)
    {
        parent::__construct("it was answered with status $status: $body");
    }
}

/** send returns the JSON of the answer; it throws where there is no whole one, or a refusal. */
function send(string $method, string $url, array $headers, ?array $body = null): array
{
    $call = curl_init($url);
    curl_setopt_array($call, [
        CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT_MS => (int) getenv('TIMEOUT_MS'),
        CURLOPT_HTTPHEADER => [...$headers, 'Content-Type: application/json'],
    ] + ($method === 'GET' ? [] : [CURLOPT_POSTFIELDS => $body ? json_encode($body) : '']));
    $said = curl_exec($call);
    if ($said === false) {
        throw new RuntimeException("$method $url: " . curl_error($call));
    }
    $status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
    return $status < 300 ? json_decode($said, true, flags: JSON_THROW_ON_ERROR) ?? [] : throw new Refused($status, $said);
}

function provider(string $method, string $path, ?string $key = null, ?array $body = null): array
{
    static $token; // good for many calls
    $account = ['Ocp-Apim-Subscription-Key: ' . getenv('PAYMENTS_SUBSCRIPTION_KEY'), 'Merchant-Serial-Number: ' . getenv('PAYMENTS_MERCHANT')];
    $token ??= send('POST', getenv('PAYMENTS_URL') . '/accesstoken/get', [
        ...$account, 'client_id: ' . getenv('PAYMENTS_CLIENT_ID'), 'client_secret: ' . getenv('PAYMENTS_CLIENT_SECRET'),
    ])['access_token'];
    $headers = [...$account, "Authorization: Bearer $token", ...($key ? ["Idempotency-Key: $key"] : [])];
    try {
        return send($method, getenv('PAYMENTS_URL') . "/epayment/v1/payments$path", $headers, $body);
    } catch (Refused $refused) {
        if ($refused->status === 401) {
            $token = null; // it ran out: the next call gets a new one
        }
        throw $refused;
    }
}

function createPayment(string $reference): void
{
    provider('POST', '', "create-$reference", [
        'amount' => PRICE, 'reference' => $reference, 'paymentMethod' => ['type' => 'WALLET'],
        'userFlow' => 'WEB_REDIRECT', 'returnUrl' => getenv('PUBLIC_URL') . '/done', 'paymentDescription' => 'One parcel',
    ]);
}

function payment(string $reference): array
{
    return provider('GET', "/$reference");
}

function capturePayment(string $reference): void
{
    provider('POST', "/$reference/capture", "capture-$reference", ['modificationAmount' => PRICE]);
}

function bookParcel(string $order, string $basket): void
{
    send('POST', getenv('SHIPPING_URL') . '/shipments', ["Idempotency-Key: ship-$order"], ['reference' => $order, 'basket' => $basket]);
}

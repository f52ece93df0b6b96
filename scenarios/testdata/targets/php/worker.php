<?php
// Takes the orders of mended.php to their end, also those that a last life left. Each call
// has one key for good, and no answer is no answer: it says neither yes nor no. The worker
// looks, and asks again with the same key.
declare(strict_types=1);
require __DIR__ . '/partners.php';
require __DIR__ . '/orders.php';

[$pollMs, $backOffMs, $backOffMostMs] = array_map(fn($name) => (int) getenv($name), ['POLL_MS', 'BACK_OFF_MS', 'BACK_OFF_MOST_MS']);

/** step says where the order stands next. It looks before it acts, so that it can be taken as often as need be. */
function step(array $order): string
{
    ['id' => $id, 'status' => $status] = $order;
    switch ($status) {
        case 'paying':
            try {
                $state = payment($id)['state'];
            } catch (Refused $refused) {
                if ($refused->status !== 404) {
                    throw $refused;
                }
                createPayment($id); // nothing of it got there
                return $status;
            }
            return ['AUTHORIZED' => 'capturing', 'CREATED' => $status][$state] ?? 'refused';
        case 'capturing':
            $captured = payment($id)['aggregate']['capturedAmount']['value'];
            if ($captured === 0) {
                capturePayment($id); // and look whether it is so
            }
            return $captured === PRICE['value'] ? 'shipping' : $status;
        default:
            bookParcel($id, $order['basket']);
            return 'shipped';
    }
}

for ($orders = new Orders;; usleep(1000 * $pollMs)) {
    foreach ($orders->due() as $order) {
        try {
            while (($next = step($order)) !== $order['status']) {
                $orders->set($order['id'], $next, 0, 0);
                $order['status'] = $next;
                if (in_array($next, ['shipped', 'refused'], true)) {
                    break;
                }
            }
        } catch (Throwable $unknown) {
            // Perhaps it happened, perhaps not: look again, later each time, and not all
            // orders at the same moment.
            fwrite(STDERR, $unknown->getMessage() . "\n");
            $pauseMs = min($backOffMostMs, $backOffMs * 2 ** $order['failures']) * random_int(50, 100) / 100;
            $orders->set($order['id'], $order['status'], $order['failures'] + 1, microtime(true) + $pauseMs / 1000);
        }
    }
}

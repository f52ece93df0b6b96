<?php
// What both shops need of the web: an address, a session with its token, pages of HTML.
declare(strict_types=1);

/** route says what is asked for: [method, kind of page, id]. */
function route(): array
{
    $parts = explode('/', parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
    return [$_SERVER['REQUEST_METHOD'], $parts[1] ?? '', rawurldecode($parts[2] ?? '')];
}

function csrfToken(): string
{
    session_start();
    return $_SESSION['csrf'] ??= bin2hex(random_bytes(16));
}

/** checkCSRF ends the request of a form that is not of this session. */
function checkCSRF(): void
{
    if (!hash_equals(csrfToken(), (string) ($_POST['csrf_token'] ?? ''))) {
        page(419, 'This page has expired. Please go back and load it again.');
    }
}

function page(int $status, string $says, string $more = '', string $head = ''): never
{
    http_response_code($status);
    header('Cache-Control: no-store');
    echo "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title>$head</head>\n<body><p role=\"status\">$says</p>\n$more</body></html>\n";
    exit;
}

/** redirect sends the browser on to a page that it can load again (Post/Redirect/Get). */
function redirect(string $path): never
{
    http_response_code(303);
    header("Location: $path");
    exit;
}

/** form is the basket with its button. */
function form(string $basket): string
{
    [$total, $currency] = [number_format(PRICE['value'] / 100, 2, '.', ''), PRICE['currency']];
    return '<form method="post" action="/checkout/' . rawurlencode($basket) . "\">
  <p>Total: <meta itemprop=\"priceCurrency\" content=\"$currency\">$currency <data itemprop=\"price\" value=\"$total\">$total</data></p>
  <input type=\"hidden\" name=\"csrf_token\" value=\"" . csrfToken() . "\">
  <input type=\"hidden\" name=\"shown\" value=\"$total $currency\">
  <button>Buy</button>
</form>
";
}

<?php
// Runs the shop as PHP shops run, nginx before php-fpm, and beside them its worker:
//
//     php start.php FRONT.php [WORKER.php]
//
// What they write is below $DATA, and nothing goes to the background: when one of them
// ends, all end. php start.php --check only says which programs are missing.
declare(strict_types=1);

const PACKAGES = 'apt-get install nginx-light php-cli php-fpm php-sqlite3 php-curl';

function program(string ...$names): ?string
{
    foreach ($names as $name) {
        foreach (explode(PATH_SEPARATOR, getenv('PATH') . ':/usr/sbin:/usr/local/sbin') as $folder) {
            if (is_executable("$folder/$name")) {
                return "$folder/$name";
            }
        }
    }
    return null;
}

$nginx = program('nginx');
$fpm = program('php-fpm' . PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION, 'php-fpm'); // with its version on Debian
$missing = array_keys(array_filter([
    'nginx' => !$nginx, 'php-fpm' => !$fpm,
    'pdo_sqlite' => !extension_loaded('pdo_sqlite'), 'curl' => !extension_loaded('curl'), 'pcntl' => !extension_loaded('pcntl'),
]));
if ($missing) {
    fwrite(STDERR, 'missing: ' . implode(', ', $missing) . ' (Debian: ' . PACKAGES . ")\n");
    exit(1);
}
if ($argv[1] === '--check') {
    exit(0);
}

require __DIR__ . '/orders.php';
Orders::createTable();

[, $front] = $argv;
[$data, $port, $gatewayMs] = array_map('getenv', ['DATA', 'PORT', 'GATEWAY_TIMEOUT_MS']);
$socket = "$data/fpm.sock";
$root = posix_geteuid() === 0; // as in a container

file_put_contents("$data/fpm.conf", '[global]
error_log = /dev/stderr
log_level = warning
[shop]
' . ($root ? "user = root\n" : '') . "listen = \"$socket\"
pm = ondemand
pm.max_children = 16
clear_env = no
catch_workers_output = yes
decorate_workers_output = no
php_admin_value[session.save_path] = \"$data\"
");
$folders = '';
foreach (['client_body', 'fastcgi', 'proxy', 'scgi', 'uwsgi'] as $kind) {
    $folders .= "{$kind}_temp_path \"$data/$kind\";\n";
}
file_put_contents("$data/nginx.conf", ($root ? "user root;\n" : '') . "daemon off;
pid \"$data/nginx.pid\";
error_log stderr;
events {}
http {
    access_log off;
    $folders
    server {
        listen 127.0.0.1:$port;
        location / {
            fastcgi_pass \"unix:$socket\";
            fastcgi_read_timeout {$gatewayMs}ms;
            fastcgi_param SCRIPT_FILENAME \"" . __DIR__ . "/$front\";
            fastcgi_param REQUEST_METHOD \$request_method;
            fastcgi_param REQUEST_URI \$request_uri;
            fastcgi_param CONTENT_TYPE \$content_type;
            fastcgi_param CONTENT_LENGTH \$content_length;
        }
    }
}
");

$children = [];
function start(string ...$command): void
{
    global $children;
    $child = proc_open($command, [['file', '/dev/null', 'r'], STDOUT, STDERR], $pipes);
    $children[proc_get_status($child)['pid']] = $child;
}

pcntl_async_signals(true);
foreach ([SIGTERM, SIGINT] as $signal) {
    pcntl_signal($signal, function () { /* interrupts the waiting below */ }, restart_syscalls: false);
}

@unlink($socket); // a last life was killed, perhaps
start($fpm, '--nodaemonize', '--fpm-config', "$data/fpm.conf", ...($root ? ['--allow-to-run-as-root'] : []));
if (isset($argv[2])) {
    start(PHP_BINARY, __DIR__ . '/' . $argv[2]);
}
while (!file_exists($socket) && pcntl_waitpid(-1, $status, WNOHANG) === 0) {
    usleep(2000);
}
start($nginx, '-c', "$data/nginx.conf", '-e', 'stderr'); // last: who reaches it reaches all

// The one who started us holds the other end of a pipe. When that ends, we may have been
// killed before we could end the others, so somebody else has to.
if ((fstat(STDIN)['mode'] & 0170000) === 0010000 && ($guard = pcntl_fork()) === 0) {
    fread(STDIN, 1);
    foreach (array_keys($children) as $pid) {
        posix_kill($pid, SIGTERM);
    }
    posix_kill(getmypid(), SIGKILL); // without waiting for children that are not its own
}

pcntl_wait($status);
foreach ($children as $child) {
    proc_terminate($child);
}
isset($guard) && posix_kill($guard, SIGKILL);
foreach ($children as $child) {
    proc_close($child);
}

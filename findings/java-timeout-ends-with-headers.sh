#!/usr/bin/env bash
# Java's HttpClient, a time-out of two seconds, and an answer whose body never ends.
#
# Shown: the provider sends the headers and the first half of the body at once, and then nothing.
# - HttpRequest.timeout(2 s) ends a call that gets no headers. Once they are there it is over: send()
#   with BodyHandlers.ofString() still waits when it is looked at, ten seconds later, and would for
#   as long as the connection stands. With ofInputStream() it is the read that waits.
# - sendAsync() with get(2 s) or orTimeout(2 s) ends the wait only: the connection stays open, one for
#   each call, and after orTimeout a cancel(true) comes too late. get(2 s) and then cancel(true) ends
#   both, and so does an interrupt of the thread in send().
# - The old HttpURLConnection ends after two seconds of silence with its setReadTimeout.
# Versions: OpenJDK 17 from Debian 12. (JDK 26 lets the time-out cover the body; it was not run.)
# Why a checkout cares: the payment call "has a time-out", tests with a provider that is silent or
# down pass, and one that stalls in the body holds each customer's thread until none is left.
# Instead: sendAsync(), get(time), and cancel(true) where it ran out; then the payment is unknown, as
# after any lost answer. Test with an answer that stalls after its headers.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "timeout(2 s) means that send() is over after about two seconds, with an answer or without"
uses java openjdk-17-jdk-headless
echo "versions: Java $(java -version 2>&1 | head -1 | cut -d'"' -f2)"

cat >"$work/Pay.java" <<'END'
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;

class Pay {
    static final Duration TIMEOUT = Duration.ofSeconds(2);
    static final Set<String> ended = ConcurrentHashMap.newKeySet(); // paths whose connection the client ended
    static final HttpClient client = HttpClient.newHttpClient();
    static String provider;

    // /up gets a whole answer, /silent gets nothing; all other paths get the headers and half of the body.
    static void answer(Socket customer) {
        try (customer) {
            var in = new BufferedReader(new InputStreamReader(customer.getInputStream()));
            var path = in.readLine().split(" ")[1];
            while (!in.readLine().isEmpty()) { }
            if (path.equals("/up")) {
                customer.getOutputStream().write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".getBytes());
                return;
            }
            if (!path.equals("/silent"))
                customer.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"status\"".getBytes());
            try {
                while (in.read() >= 0) { }
            } finally {
                ended.add(path);
            }
        } catch (IOException gone) {
        }
    }

    static HttpRequest request(String path) { return HttpRequest.newBuilder(URI.create(provider + path)).timeout(TIMEOUT).build(); }

    static String send(String path) throws Exception { return client.send(request(path), BodyHandlers.ofString()).body(); }

    static CompletableFuture<HttpResponse<String>> async(String path) { return client.sendAsync(request(path), BodyHandlers.ofString()); }

    public static void main(String[] args) throws Exception {
        var server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        provider = "http://127.0.0.1:" + server.getLocalPort();
        var threads = Executors.newCachedThreadPool(run -> { var t = new Thread(run); t.setDaemon(true); return t; });
        threads.submit(() -> { while (true) { var customer = server.accept(); threads.submit(() -> answer(customer)); } });

        send("/up"); // what Java loads for its first call is no part of a time-out

        var calls = new LinkedHashMap<String, Callable<String>>();
        calls.put("/silent send, no headers", () -> send("/silent"));
        calls.put("/string send, ofString", () -> send("/string"));
        calls.put("/stream send, ofInputStream, readAllBytes", () ->
            new String(client.send(request("/stream"), BodyHandlers.ofInputStream()).body().readAllBytes()));
        calls.put("/interrupted send, interrupted after 2 s", () -> {
            var me = Thread.currentThread();
            threads.submit(() -> { Thread.sleep(TIMEOUT.toMillis()); me.interrupt(); return null; });
            return send("/interrupted");
        });
        calls.put("/get sendAsync, get", () -> async("/get").get(2, TimeUnit.SECONDS).body());
        calls.put("/cancelled sendAsync, get and cancel(true)", () -> {
            var call = async("/cancelled");
            try {
                return call.get(2, TimeUnit.SECONDS).body();
            } finally {
                call.cancel(true);
            }
        });
        calls.put("/or-timeout sendAsync, orTimeout and cancel(true)", () -> {
            var call = async("/or-timeout").orTimeout(2, TimeUnit.SECONDS);
            try {
                return call.join().body();
            } finally {
                call.cancel(true);
            }
        });
        calls.put("/old HttpURLConnection, setReadTimeout", () -> {
            var call = (HttpURLConnection) new URL(provider + "/old").openConnection();
            call.setReadTimeout((int) TIMEOUT.toMillis());
            try (var body = call.getInputStream()) {
                return new String(body.readAllBytes());
            }
        });

        var waits = new LinkedHashMap<String, Future<String>>();
        calls.forEach((name, call) -> waits.put(name, threads.submit(call)));
        Thread.sleep(12_000);
        waits.forEach((name, call) -> {
            String told;
            try {
                told = call.isDone() ? "the answer " + call.get() : "still waits ten seconds later";
            } catch (Exception error) {
                var cause = error.getCause();
                while (cause.getCause() instanceof TimeoutException) cause = cause.getCause();
                told = cause.getClass().getSimpleName();
            }
            var parts = name.split(" ", 2);
            System.out.println(parts[1] + ": " + told + ", connection " + (ended.contains(parts[0]) ? "ended" : "open"));
        });
        System.exit(0);
    }
}
END
java "$work/Pay.java" >"$work/seen"
behaves <<'END'
send, no headers: HttpTimeoutException, connection ended
send, ofString: still waits ten seconds later, connection open
send, ofInputStream, readAllBytes: still waits ten seconds later, connection open
send, interrupted after 2 s: InterruptedException, connection ended
sendAsync, get: TimeoutException, connection open
sendAsync, get and cancel(true): TimeoutException, connection ended
sendAsync, orTimeout and cancel(true): TimeoutException, connection open
HttpURLConnection, setReadTimeout: SocketTimeoutException, connection ended
END

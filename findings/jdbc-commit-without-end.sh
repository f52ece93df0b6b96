#!/usr/bin/env bash
# PostgreSQL's JDBC driver: a query time-out of four seconds, and a COMMIT that never returns.
#
# Shown: from a moment on, PostgreSQL's answers do not arrive, while the connection stands, as with a
# firewall or pooler that forgot it. setQueryTimeout(4) ends a statement that is slow in the database.
# It does so by asking PostgreSQL to stop, and goes on waiting for its answer: a statement whose answer
# is lost is still waited for ten seconds later. commit() is no statement, and has no time-out at all;
# statement_timeout and tcpKeepAlive change nothing. socketTimeout=4 in the address, and
# setNetworkTimeout, end it, with SQLState 08006, and the row is kept.
# Versions: pgjdbc 42.5.5, PostgreSQL 15 and OpenJDK 17 from Debian 12.
# Why a checkout cares: the order is paid and stored, and its thread and its connection of the pool are
# gone, one for each customer, until the shop stands still. With socketTimeout "the commit failed, so
# give the money back" gives it back for an order that is stored as paid.
# Instead: socketTimeout, longer than the longest statement may take, for each connection; an error of
# commit() is *unknown*: read the order back by its key on another connection before anything is undone.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "with setQueryTimeout(4) on each statement no transaction waits without an end for the database"
uses java openjdk-17-jdk-headless
jar=/usr/share/java/postgresql.jar
[ -f "$jar" ] || uses "PostgreSQL's JDBC driver" libpostgresql-jdbc-java
echo "versions: pgjdbc $(ls /usr/share/java | grep -o 'postgresql-[0-9.]*[0-9]' | cut -d- -f2), Java $(java -version 2>&1 | head -1 | cut -d'"' -f2)"
start_postgres
cat >"$work/Shop.java" <<'END'
import java.io.*;
import java.net.*;
import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

class Shop {
    static final ExecutorService threads = Executors.newCachedThreadPool(run -> { var t = new Thread(run); t.setDaemon(true); return t; });
    static final int POSTGRES = Integer.parseInt(System.getenv("POSTGRES_PORT"));

    // A way to PostgreSQL on which, from a moment on, no answer arrives.
    static class Way {
        final ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        volatile boolean silent;

        Way() throws IOException {
            threads.submit(() -> {
                while (true) {
                    Socket client = server.accept(), database = new Socket("127.0.0.1", POSTGRES);
                    threads.submit(() -> forward(client, database, false));
                    threads.submit(() -> forward(database, client, true));
                }
            });
        }

        void forward(Socket from, Socket to, boolean answers) {
            try (from; to) {
                var bytes = new byte[8192];
                for (int n; (n = from.getInputStream().read(bytes)) >= 0; )
                    if (!answers || !silent) to.getOutputStream().write(bytes, 0, n);
            } catch (IOException gone) {
            }
        }

        Connection connect(String options) throws SQLException {
            return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + server.getLocalPort() + "/shop?user=shop&sslmode=disable" + options);
        }
    }

    interface Order { void placed(int id, Way way) throws Exception; }

    // commits stores an order and commits, and the answer to COMMIT does not arrive.
    static Order commits(String options, int networkTimeout) {
        return (id, way) -> {
            var connection = way.connect(options);
            if (networkTimeout > 0) connection.setNetworkTimeout(threads, networkTimeout);
            connection.setAutoCommit(false);
            var statement = connection.createStatement();
            statement.setQueryTimeout(4);
            statement.executeUpdate("INSERT INTO orders VALUES (" + id + ")");
            way.silent = true;
            connection.commit();
        };
    }

    public static void main(String[] args) throws Exception {
        var books = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + POSTGRES + "/shop?user=shop").createStatement();
        books.execute("CREATE TABLE orders (id INT)");
        var orders = new LinkedHashMap<String, Order>();
        orders.put("setQueryTimeout, a slow INSERT", (id, way) -> {
            var statement = way.connect("").createStatement();
            statement.setQueryTimeout(4);
            statement.executeUpdate("INSERT INTO orders SELECT " + id + " FROM pg_sleep(60)");
        });
        orders.put("setQueryTimeout, the INSERT's answer lost", (id, way) -> {
            var statement = way.connect("").createStatement();
            statement.setQueryTimeout(4);
            way.silent = true;
            statement.executeUpdate("INSERT INTO orders VALUES (" + id + ")");
        });
        orders.put("setQueryTimeout, the COMMIT's answer lost", commits("", 0));
        orders.put("statement_timeout, the COMMIT's answer lost", commits("&options=-c%20statement_timeout=4s", 0));
        orders.put("tcpKeepAlive, the COMMIT's answer lost", commits("&tcpKeepAlive=true", 0));
        orders.put("socketTimeout, the COMMIT's answer lost", commits("&socketTimeout=4", 0));
        orders.put("setNetworkTimeout, the COMMIT's answer lost", commits("", 4000));

        var waits = new LinkedHashMap<String, Future<?>>();
        for (var order : orders.entrySet()) {
            int id = waits.size();
            var way = new Way();
            waits.put(order.getKey(), threads.submit(() -> { order.getValue().placed(id, way); return null; }));
        }
        Thread.sleep(16_000); // four seconds, and ten more; and what a slow machine needs to connect
        int id = 0;
        for (var wait : waits.entrySet()) {
            var told = "still waits ten seconds later";
            try {
                if (wait.getValue().isDone()) told = "no error " + wait.getValue().get();
            } catch (ExecutionException error) {
                told = error.getCause() instanceof SQLException e ? "SQLState " + e.getSQLState() : "" + error.getCause();
            }
            var rows = books.executeQuery("SELECT COUNT(*) FROM orders WHERE id = " + id++);
            rows.next();
            System.out.println(wait.getKey() + ": " + told + ", rows kept: " + rows.getInt(1));
        }
        System.exit(0);
    }
}
END
java -cp "$jar" "$work/Shop.java" >"$work/seen"
behaves <<'END'
setQueryTimeout, a slow INSERT: SQLState 57014, rows kept: 0
setQueryTimeout, the INSERT's answer lost: still waits ten seconds later, rows kept: 1
setQueryTimeout, the COMMIT's answer lost: still waits ten seconds later, rows kept: 1
statement_timeout, the COMMIT's answer lost: still waits ten seconds later, rows kept: 1
tcpKeepAlive, the COMMIT's answer lost: still waits ten seconds later, rows kept: 1
socketTimeout, the COMMIT's answer lost: SQLState 08006, rows kept: 1
setNetworkTimeout, the COMMIT's answer lost: SQLState 08006, rows kept: 1
END

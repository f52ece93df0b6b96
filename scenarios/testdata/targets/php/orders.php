<?php
// The shop's orders, in SQLite. A row is on the disk before the shop acts on it.
declare(strict_types=1);

final class Orders
{
    private PDO $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . getenv('DATA') . '/shop.db', options: [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_TIMEOUT => 5, // how long it waits for another process to finish writing
        ]);
    }

    public static function createTable(): void
    {
        $db = (new self)->db;
        $db->exec('PRAGMA journal_mode = WAL');
        $db->exec('CREATE TABLE IF NOT EXISTS orders (
            id TEXT PRIMARY KEY, basket TEXT NOT NULL, status TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0)');
    }

    /** add says whether the order is a new one. */
    public function add(string $id, string $basket, string $status): bool
    {
        return 1 === $this->run('INSERT OR IGNORE INTO orders (id, basket, status) VALUES (?, ?, ?)', $id, $basket, $status)->rowCount();
    }

    public function find(string $id): ?array
    {
        return $this->run('SELECT * FROM orders WHERE id = ?', $id)->fetch() ?: null;
    }

    /** due are the orders that something is to be done with now. */
    public function due(): array
    {
        return $this->run("SELECT * FROM orders WHERE status IN ('paying', 'capturing', 'shipping') AND due <= ?", microtime(true))->fetchAll();
    }

    public function set(string $id, string $status, int $failures, float $due): void
    {
        $this->run('UPDATE orders SET status = ?, failures = ?, due = ? WHERE id = ?', $status, $failures, $due, $id);
    }

    private function run(string $sql, mixed ...$values): PDOStatement
    {
        $statement = $this->db->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}

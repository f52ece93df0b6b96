#!/usr/bin/env bash
# GORM: Where("status = ?", "new").Save(&order) where the order is no longer new.
#
# Shown: the customer cancels and the warehouse ships, each with the order as it was read. The second
# Save's UPDATE finds no row, so Save sends INSERT … ON CONFLICT DO UPDATE of all columns, without the
# condition: the cancelled order is shipped, RowsAffected is 1 and there is no error. An order that was
# deleted is there again. Updates, and Save after Select("*"), count 0 and leave the row as it is.
# Versions: gorm 1.31.2, its driver for PostgreSQL 1.6.3, PostgreSQL 15, Go 1.26.
# Why a checkout cares: the condition on status or version is what keeps a cancelled order from being
# shipped and a payment from being captured twice, and RowsAffected == 1 is what is looked at.
# Instead: Model(&order).Where(…).Updates(…) with the columns named, and count rows; never a condition with Save.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a conditional Save that matches no row changes nothing and counts 0 rows"
start_postgres
go_install gorm.io/gorm@v1.31.2 gorm.io/driver/postgres@v1.6.3
cat >"$work/main.go" <<'END'
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type Order struct {
	ID     string `gorm:"primaryKey"`
	Status string
}

// statements is a logger that keeps the first word of each statement.
type statements struct{ logger.Interface }

var sent []string

func (statements) Trace(_ context.Context, _ time.Time, sql func() (string, int64), _ error) {
	text, _ := sql()
	sent = append(sent, strings.Fields(text)[0])
}

func main() {
	dsn := "host=127.0.0.1 user=shop dbname=shop sslmode=disable port=" + os.Getenv("POSTGRES_PORT")
	db, err := gorm.Open(postgres.Open(dsn), &gorm.Config{Logger: statements{logger.Discard}, SkipDefaultTransaction: true})
	if err != nil { panic(err) }
	if err := db.AutoMigrate(&Order{}); err != nil { panic(err) }
	isNew := func() *gorm.DB { return db.Where("status = ?", "new") }
	for i, way := range []struct {
		name string
		save func(*Order) *gorm.DB
	}{
		{"Where.Save", func(order *Order) *gorm.DB { return isNew().Save(order) }},
		{"Where.Select(*).Save", func(order *Order) *gorm.DB { return isNew().Select("*").Save(order) }},
		{"Where.Updates", func(order *Order) *gorm.DB { return isNew().Updates(order) }},
	} {
		order := Order{ID: fmt.Sprint("ana-", i), Status: "new"}
		db.Create(&order)
		byCustomer, byWarehouse := order, order
		byCustomer.Status, byWarehouse.Status = "cancelled", "shipped"
		first := way.save(&byCustomer)
		sent = nil
		second := way.save(&byWarehouse)
		fmt.Printf("%s: cancel %d row, then ship %d rows, error %v, by %s", way.name, first.RowsAffected, second.RowsAffected, second.Error, strings.Join(sent, " and "))
		db.First(&order)
		fmt.Printf("; the order is %s\n", order.Status)
		db.Delete(&order)
		way.save(&byWarehouse)
		var kept int64
		db.Model(&Order{}).Where("id = ?", order.ID).Count(&kept)
		fmt.Printf("  after the order was deleted: %d order\n", kept)
	}
}
END
run_go main.go >"$work/seen"
behaves <<'END'
Where.Save: cancel 1 row, then ship 1 rows, error <nil>, by UPDATE and INSERT; the order is shipped
  after the order was deleted: 1 order
Where.Select(*).Save: cancel 1 row, then ship 0 rows, error <nil>, by UPDATE; the order is cancelled
  after the order was deleted: 0 order
Where.Updates: cancel 1 row, then ship 0 rows, error <nil>, by UPDATE; the order is cancelled
  after the order was deleted: 0 order
END

#!/usr/bin/env bash
# An order has a version column, and is saved by two who read the same version.
#
# Shown: TypeORM's save() with @VersionColumn never compares the version. The second save resolves, so
# the cancelled order is shipped; and it writes what it had read, the version included, which goes back
# from 2 to 1, so that other checks of it are wrong too. An order that was deleted is there again.
# Sequelize's `version: true` throws OptimisticLockError for all of it.
# Versions: typeorm 1.1.1, sequelize 6.37.8, pg 8.23.1, PostgreSQL 15, Node 20.
# Why a checkout cares: a webhook, a sweeper and the customer change one order at once; the version
# is there so that the later one hears that she is late.
# Instead: update({id, version}, {status}) and count `affected`; and no save() of a whole order beside it.
set -euo pipefail
. "$(dirname "$0")/common.sh"

guess "a save of an older version is refused"
start_postgres
npm_install typeorm@1.1.1 sequelize@6.37.8 pg@8.23.1 reflect-metadata@0.2.2
cat >"$work/version.js" <<'END'
require('reflect-metadata');
const { DataSource, EntitySchema } = require('typeorm');
const { DataTypes, Sequelize } = require('sequelize');
const url = `postgres://shop@127.0.0.1:${process.env.POSTGRES_PORT}/shop`;

async function tell(name, { create, read, save, remove }) {
  const tried = (order) => save(order).then(() => 'resolves', (error) => `throws ${error.name}`);
  await create();
  const [byCustomer, byWarehouse] = [await read(), await read()];
  byCustomer.status = 'cancelled';
  byWarehouse.status = 'shipped';
  console.log(`${name}: read at version ${byCustomer.version}, cancel ${await tried(byCustomer)}, version ${(await read()).version}`);
  const ship = await tried(byWarehouse);
  const kept = await read();
  console.log(`  ship ${ship}; the order is ${kept.status}, version ${kept.version}`);
  await remove();
  byCustomer.status = 'refunded';
  const late = await tried(byCustomer);
  console.log(`  after it was deleted a save ${late}; the order is ${(await read())?.status ?? 'gone'}`);
}

(async () => {
  const Order = new EntitySchema({
    name: 'typeorm_orders',
    columns: { id: { type: 'text', primary: true }, status: { type: 'text' }, version: { type: 'int', version: true } },
  });
  const source = await new DataSource({ type: 'postgres', url, entities: [Order], synchronize: true }).initialize();
  const orders = source.getRepository(Order);
  await tell('TypeORM, version: true', {
    create: () => orders.save({ id: 'ana', status: 'new' }),
    read: () => orders.findOneBy({ id: 'ana' }),
    save: (order) => orders.save(order),
    remove: () => orders.delete('ana'),
  });
  await orders.save({ id: 'bo', status: 'new' });
  const ask = (status) => orders.update({ id: 'bo', version: 1 }, { status });
  console.log(`  update() of version 1: ${(await ask('cancelled')).affected} row, then ${(await ask('shipped')).affected} rows`);
  const sequelize = new Sequelize(url, { logging: false });
  const Sequel = sequelize.define('orders', { id: { type: DataTypes.TEXT, primaryKey: true }, status: DataTypes.TEXT }, { version: true });
  await sequelize.sync();
  await tell('Sequelize, version: true', {
    create: () => Sequel.create({ id: 'ana', status: 'new' }),
    read: () => Sequel.findByPk('ana'),
    save: (order) => order.save(),
    remove: () => Sequel.destroy({ where: { id: 'ana' } }),
  });
  process.exit();
})();
END
node --no-warnings "$work/version.js" >"$work/seen"
behaves <<'END'
TypeORM, version: true: read at version 1, cancel resolves, version 2
  ship resolves; the order is shipped, version 1
  after it was deleted a save resolves; the order is refunded
  update() of version 1: 1 row, then 0 rows
Sequelize, version: true: read at version 0, cancel resolves, version 1
  ship throws SequelizeOptimisticLockError; the order is cancelled, version 1
  after it was deleted a save throws SequelizeOptimisticLockError; the order is gone
END

/** Everything that a worker needs once it is unsealed, loaded while it waits for that. */
export async function loadCode(): Promise<void> {
  await Promise.all([
    import('../store/dialects/sqlite.ts'),
    import('../store/knex/sql-store.ts'),
    import('../audit/file.ts'),
    import('../audit/chain.ts'),
    import('../seal/tagged-records.ts'),
    import('../jobs/rewrap.ts'),
    import('../listeners/kmip.ts'),
    import('../listeners/tls.ts'),
    import('../listeners/exchange.ts'),
    import('../listeners/http.ts'),
    import('../operations/dispatch.ts'),
    import('../operations/admin/dispatch.ts'),
    import('../operations/table.ts'),
    import('../access/certificate.ts'),
  ]);
}

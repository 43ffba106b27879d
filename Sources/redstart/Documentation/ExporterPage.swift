import Metrics
import RedisCollectors

/// `docs/redis_exporter.md`: how to come from redis_exporter, and what is different on purpose.
enum ExporterPage {
    static var text: String {
        let withoutEffect = OptionTable.all.filter { !$0.hasEffect }
        return guide + "\n## Options without effect\n\n"
            + withoutEffect.map { "- `--\($0.name)`: \($0.help)\n" }.joined()
            + "\n## Families that differ\n\nEverything else has redis_exporter's name, type, labels and value.\n\n"
            + MarkdownTable.text(
                ["Family", "Difference"],
                CollectorCatalog.deviations.map { ["`\($0.row.name)`", $0.text] }
            )
    }

    private static let guide = """
        # Coming from redis_exporter

        Made by `make docs`. All flags and variables of redis_exporter 1.88 are taken, with one dash or two; scrape
        configurations, dashboards and rules stay as they are.

        1. Put `redstart serve` where `redis_exporter` stood; keep flags, variables and the port 9121.
        2. `/metrics` of one server is exposed as before, without `instance`. Of several each series has `instance`:
           scrape with `honor_labels: true`.
        3. `/scrape?target=…` asks servers that are watched or in the password file, and no others unless
           `--scrape-allow 'redis://10.*:6379'` says so. Servers that are only allowed get no user and no password.
        4. `--redis.addr=` (empty) watches nothing and leaves `/scrape`, as before.
        5. `--redis.password-file` is the same JSON object; an entry in it comes before `--redis.password`.
        6. `--is-cluster` and `/discover-cluster-nodes` work as before; `cluster://host:port` as a target watches all
           nodes by itself, and `/sd` lists every node for `http_sd_configs`, ready to use without relabelling.
        7. `--check-keys` and its like run on a connection of their own, every `--check-interval`, within
           `--check-budget`; a scrape shows the last result and never waits. Only `/scrape` with such a parameter waits.
        8. `--connection-timeout` is for a whole poll, and 5 s by default where it was three times 15 s, which is longer
           than Prometheus waits.
        9. Half of a pair (a user without a password, a certificate without its key) is an error at the start; it was
           silently no protection.
        10. `redis_exporter_last_scrape_error` has a short reason as `err`, not a text with ports in it.

        """
}

/// INFO fields that become no sample, with the reason why.
///
/// With these a field that nobody has heard of can be told from one that was looked at.
struct InfoIgnoredFields: Sendable {
    let names: [String]
    let reason: String

    init(_ names: [String], because reason: String) {
        self.names = names
        self.reason = reason
    }

    /// All of them.
    static let all: [InfoIgnoredFields] = [
        InfoIgnoredFields(
            [
                "redis_git_sha1", "redis_git_dirty", "arch_bits", "monotonic_clock", "multiplexing_api",
                "atomicvar_api", "gcc_version",
            ],
            because: "constants of the build, which redis_build_id stands for"
        ),
        InfoIgnoredFields(
            ["process_supervised", "executable", "config_file", "server_name"],
            because: "texts about how the server was started"
        ),
        InfoIgnoredFields(["uptime_in_days"], because: "uptime_in_seconds is more exact"),
        InfoIgnoredFields(["lru_clock"], because: "the clock of the server in another unit"),
        InfoIgnoredFields(["io_threads_enabled"], because: "the number of threads is a parameter"),
        InfoIgnoredFields(
            [
                "used_memory_human", "used_memory_rss_human", "used_memory_peak_human", "total_system_memory_human",
                "used_memory_lua_human", "used_memory_vm_total_human", "used_memory_scripts_human", "maxmemory_human",
            ],
            because: "the bytes of the field without _human, rounded for people"
        ),
        InfoIgnoredFields(
            ["used_memory_peak_perc", "used_memory_dataset_perc", "loading_loaded_perc", "master_sync_perc"],
            because: "shares that follow from other fields"
        ),
        InfoIgnoredFields(["paused_actions"], because: "a text; the reason of the pause is a label"),
        InfoIgnoredFields(["master_replid2"], because: "the identifier of the former history"),
        InfoIgnoredFields(
            InfoTLSSection.serialFields,
            because: "serial numbers; the expiry is what matters"
        ),
    ]
}

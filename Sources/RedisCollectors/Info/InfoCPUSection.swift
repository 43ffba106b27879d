import Metrics

/// Rows for the section CPU of INFO that are one number each.
enum InfoCPUSection {
    static let rows: [MetricRow] = [
        MetricRow(
            "used_cpu_sys", "redis_cpu_sys_seconds_total", .counter, .seconds,
            help: "Seconds of CPU in the kernel."
        ),
        MetricRow(
            "used_cpu_user", "redis_cpu_user_seconds_total", .counter, .seconds,
            help: "Seconds of CPU in the server itself."
        ),
        MetricRow(
            "used_cpu_sys_children", "redis_cpu_sys_children_seconds_total", .counter, .seconds,
            help: "Seconds of CPU in the kernel, of child processes."
        ),
        MetricRow(
            "used_cpu_user_children", "redis_cpu_user_children_seconds_total", .counter, .seconds,
            help: "Seconds of CPU in child processes themselves."
        ),
        MetricRow(
            "used_cpu_sys_main_thread", "redis_cpu_sys_main_thread_seconds_total", .counter, .seconds,
            since: "Redis 6.2",
            help: "Seconds of CPU in the kernel, of the main thread."
        ),
        MetricRow(
            "used_cpu_user_main_thread", "redis_cpu_user_main_thread_seconds_total", .counter, .seconds,
            since: "Redis 6.2",
            help: "Seconds of CPU of the main thread itself."
        ),
        MetricRow(
            "used_active_time_main_thread", "redis_active_time_main_thread_seconds_total", .counter, .seconds,
            since: "Valkey 9.0",
            help: "Seconds during which the main thread had work to do."
        ),
    ]
}

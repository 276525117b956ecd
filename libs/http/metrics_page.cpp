#include "libs/http/metrics_page.hpp"

#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <dirent.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

namespace chatflow::http {
namespace {

struct ProcessStat {
    double cpu_seconds;
    double start_ticks;  // since boot
    double virtual_bytes;
    double resident_bytes;
};

/// proc_pid_stat(5). The second field is the program's name in parentheses, which may hold
/// anything; the third is the first after the last closing one.
std::optional<ProcessStat> read_process_stat() {
    std::ifstream file("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream rest(text.substr(name_end + 1));
    std::string state;
    rest >> state;
    std::vector<double> fields;  // fields[0] is field 4, ppid
    for (double value = 0; rest >> value;) fields.push_back(value);
    if (fields.size() < 21) return std::nullopt;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    return ProcessStat{
        .cpu_seconds = (fields[14 - 4] + fields[15 - 4]) / ticks,
        .start_ticks = fields[22 - 4] / ticks,
        .virtual_bytes = fields[23 - 4],
        .resident_bytes = fields[24 - 4] * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

std::optional<double> boot_time_seconds() {
    std::ifstream file("/proc/stat");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("btime ")) return std::stod(line.substr(6));
    }
    return std::nullopt;
}

std::optional<double> open_file_descriptors() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
    if (!folder) return std::nullopt;
    int entries = 0;
    while (readdir(folder.get()) != nullptr) ++entries;
    return entries - 3;  // ".", ".." and the folder that is being read
}

std::optional<double> file_descriptors_max() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

void add(std::vector<prometheus::MetricFamily>& families, prometheus::MetricType type,
         const char* name, const char* help, std::optional<double> value) {
    if (!value) return;
    prometheus::ClientMetric metric;
    (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
    families.push_back({name, help, type, {metric}});
}

void add_process_metrics(std::vector<prometheus::MetricFamily>& families) {
    using enum prometheus::MetricType;
    if (const auto stat = read_process_stat()) {
        add(families, Counter, "process_cpu_seconds_total", "User and system CPU time spent",
            stat->cpu_seconds);
        add(families, Gauge, "process_resident_memory_bytes", "Resident memory",
            stat->resident_bytes);
        add(families, Gauge, "process_virtual_memory_bytes", "Virtual memory", stat->virtual_bytes);
        if (const auto boot = boot_time_seconds()) {
            add(families, Gauge, "process_start_time_seconds",
                "When the process started, since the epoch", *boot + stat->start_ticks);
        }
    }
    add(families, Gauge, "process_open_fds", "Open file descriptors", open_file_descriptors());
    add(families, Gauge, "process_max_fds", "File descriptors that may be open",
        file_descriptors_max());
}

}  // namespace

Response metrics_page(const prometheus::Registry& registry) {
    auto families = registry.Collect();
    add_process_metrics(families);
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = prometheus::TextSerializer{}.Serialize(families)};
}

}  // namespace chatflow::http

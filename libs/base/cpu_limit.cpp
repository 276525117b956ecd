#include "libs/base/cpu_limit.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace chatflow {
namespace {

std::optional<double> quotient(const std::string& quota, const std::string& period) {
    try {
        const double limit = std::stod(quota) / std::stod(period);
        if (std::isfinite(limit) && limit > 0) return limit;
    } catch (const std::exception&) {
        // "max", or -1 or nothing at all: not limited
    }
    return std::nullopt;
}

std::string first_word(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::string word;
    file >> word;
    return word;
}

}  // namespace

std::optional<double> cpu_limit(const std::filesystem::path& cgroup_root) {
    std::ifstream file(cgroup_root / "cpu.max");
    std::string quota;
    std::string period;
    if (file >> quota >> period) return quotient(quota, period);
    for (const char* controller : {"cpu", "cpu,cpuacct"}) {
        const auto folder = cgroup_root / controller;
        const auto limit = quotient(first_word(folder / "cpu.cfs_quota_us"),
                                    first_word(folder / "cpu.cfs_period_us"));
        if (limit) return limit;
    }
    return std::nullopt;
}

unsigned threads_for(std::optional<double> cpu_limit, unsigned cpus_of_machine) {
    const unsigned most = std::max(1U, cpus_of_machine);
    if (!cpu_limit || *cpu_limit >= most) return most;
    return std::max(1U, static_cast<unsigned>(std::ceil(*cpu_limit)));
}

}  // namespace chatflow

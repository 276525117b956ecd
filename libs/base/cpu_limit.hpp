#pragma once

#include <filesystem>
#include <optional>

namespace chatflow {

/// CPUs that the container may use, from its cgroup (version 2, or 1); nothing when it is not
/// limited. `cgroup_root` is /sys/fs/cgroup, a test's folder otherwise.
[[nodiscard]] std::optional<double> cpu_limit(const std::filesystem::path& cgroup_root);

/// Threads that make sense under that limit: one per begun CPU, no more than the machine has.
[[nodiscard]] unsigned threads_for(std::optional<double> cpu_limit, unsigned cpus_of_machine);

}  // namespace chatflow

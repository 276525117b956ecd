#include "controller/domain/redis/beginning.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_topology {

std::string beginning_of(const api::RedisTopology& topology, const Observed& seen) {
    std::vector<std::string> used;
    std::vector<std::string> unused;
    for (const std::string& volume : seen.old_volumes) {
        const bool has_node = ordinal_of(volume) < wanted_nodes(topology.spec);
        (has_node ? used : unused).push_back(volume);
    }
    std::string text = "There is no volume of an earlier topology of this name: it begins empty.";
    if (!used.empty()) {
        text = fmt::format("It begins with the data of an earlier topology of this name, in {}.",
                           fmt::join(used, ", "));
    }
    if (!unused.empty()) {
        text += fmt::format(" No node takes {}.", fmt::join(unused, ", "));
    }
    return text;
}

}  // namespace chatflow::redis_topology

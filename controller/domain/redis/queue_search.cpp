#include "controller/domain/redis/queue_search.hpp"

#include "controller/domain/redis/replies.hpp"

#include <algorithm>
#include <utility>

namespace chatflow::redis_topology {
namespace {

constexpr std::size_t kQueuesMax = 10;  // that are named

}  // namespace

std::string QueueSearch::cursor_at(const Endpoint& master) const {
    const auto known = cursors_.find(master);
    return known == cursors_.end() ? "0" : known->second;
}

void QueueSearch::heard(const Endpoint& master, std::string cursor,
                        const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
        std::string queue = queue_of_key(key);
        if (!queue.empty() && found_.size() < kQueuesMax) found_.insert(std::move(queue));
    }
    cursors_[master] = cursor == "0" ? "" : std::move(cursor);
}

std::vector<std::string> QueueSearch::known(const std::vector<Endpoint>& masters) {
    std::erase_if(cursors_, [&masters](const auto& entry) {
        return !std::ranges::contains(masters, entry.first);
    });
    const bool is_over = std::ranges::all_of(
        masters, [this](const Endpoint& master) { return cursor_at(master).empty(); });
    if (is_over) {
        before_ = std::exchange(found_, {});
        cursors_.clear();
    }
    std::set<std::string> all = before_;
    all.insert(found_.begin(), found_.end());
    return {all.begin(), all.end()};
}

}  // namespace chatflow::redis_topology

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace chatflow {

/// What was read of each namespace, for as long as it is fresh. What is not fresh any more serves
/// nobody and goes, so that namespaces that nobody asks for, as those that were deleted, take no
/// place.
template <class V>
class Recent {
 public:
    using Moment = std::chrono::steady_clock::time_point;

    explicit Recent(std::chrono::steady_clock::duration freshness) : freshness_(freshness) {}

    /// Null where there is nothing fresh. Valid until the next keep().
    [[nodiscard]] const V* find(const std::string& name_space, Moment now) const {
        const auto found = entries_.find(name_space);
        return found != entries_.end() && is_fresh(found->second, now) ? &found->second.value
                                                                       : nullptr;
    }

    const V& keep(const std::string& name_space, V value, Moment read_at) {
        if (read_at - swept_at_ >= freshness_) sweep(read_at);
        return entries_.insert_or_assign(name_space, Entry{std::move(value), read_at})
            .first->second.value;
    }

    [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
    struct Entry {
        V value;
        Moment read_at;
    };

    [[nodiscard]] bool is_fresh(const Entry& entry, Moment now) const {
        return now - entry.read_at < freshness_;
    }
    void sweep(Moment now) {
        std::erase_if(entries_, [&](const auto& named) { return !is_fresh(named.second, now); });
        swept_at_ = now;
    }

    std::chrono::steady_clock::duration freshness_;
    std::map<std::string, Entry> entries_;
    Moment swept_at_{};
};

}  // namespace chatflow

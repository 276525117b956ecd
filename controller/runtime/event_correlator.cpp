#include "controller/runtime/event_correlator.hpp"

#include <fmt/format.h>

namespace chatflow::runtime {
namespace {

constexpr std::size_t kNamePrefixMax = 230;  // 253 less the dot and the number

std::string object_key(const api::ObjectReference& object) {
    return fmt::format("{}/{}/{}/{}", object.kind, object.name_space, object.name, object.uid);
}

std::string series_key(const EventNote& note) {
    return fmt::format("{}\n{}\n{}\n{}\n{}", object_key(note.regarding),
                       note.type == api::EventType::Warning, note.reason, note.action, note.note);
}

}  // namespace

EventCorrelator::EventCorrelator(EventLimits limits, std::uint64_t start_id)
    : limits_(limits), next_id_(start_id) {}

EventVerdict EventCorrelator::judge(const EventNote& note, Moment now) {
    std::string key = series_key(note);
    if (const auto known = series_.find(key); known != series_.end()) {
        Series& series = *known->second;
        if (now - series.last <= limits_.series_idle) {
            series.last = now;
            ++series.count;
            recent_.splice(recent_.begin(), recent_, known->second);
            return RepeatedEvent{.name = series.name, .count = series.count};
        }
        recent_.erase(known->second);
        series_.erase(known);
    }
    if (!admit(note, now)) return SuppressedEvent{};
    std::string name =
        fmt::format("{}.{:016x}", note.regarding.name.substr(0, kNamePrefixMax), next_id_++);
    recent_.push_front({.key = key, .name = name, .last = now});
    series_.emplace(std::move(key), recent_.begin());
    if (series_.size() > limits_.series_max) {
        series_.erase(recent_.back().key);
        recent_.pop_back();
    }
    return NewEvent{std::move(name)};
}

void EventCorrelator::forget(const EventNote& note) {
    const auto known = series_.find(series_key(note));
    if (known == series_.end()) return;
    recent_.erase(known->second);
    series_.erase(known);
}

bool EventCorrelator::admit(const EventNote& note, Moment now) {
    std::string key = object_key(note.regarding);
    const auto known = sources_.find(key);
    if (known != sources_.end()) {
        recent_sources_.splice(recent_sources_.begin(), recent_sources_, known->second);
    } else {
        recent_sources_.push_front(
            {key, TokenBucket(limits_.per_second_of_object, limits_.burst_of_object)});
        sources_.emplace(std::move(key), recent_sources_.begin());
        if (sources_.size() > limits_.series_max) {
            sources_.erase(recent_sources_.back().key);
            recent_sources_.pop_back();
        }
    }
    return recent_sources_.front().tokens.try_take(now);
}

}  // namespace chatflow::runtime

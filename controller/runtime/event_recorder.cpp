#include "controller/runtime/event_recorder.hpp"

#include "controller/clients/kube/api.hpp"
#include "libs/base/exception_text.hpp"
#include "libs/base/text.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <random>
#include <utility>

namespace chatflow::runtime {
namespace {

constexpr std::chrono::seconds kSendTime{5};    // for one event
constexpr std::chrono::seconds kIdlePeriod{1};  // how often counts that have become due are sent
constexpr std::size_t kReasonMax = 128;
constexpr const char* kNamespaceOfClusterScoped = "default";

std::string namespace_of(const EventNote& note) {
    return note.regarding.name_space.empty() ? kNamespaceOfClusterScoped
                                             : note.regarding.name_space;
}

std::uint64_t random_start() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

EventRecorder::EventRecorder(asio::any_io_executor executor, kube::Client& client, Clock& clock,
                             const Log& log, RuntimeMetrics& metrics, EventRecorderOptions options)
    : client_(client),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      options_(std::move(options)),
      correlator_(options_.limits, random_start()),
      changed_(std::move(executor)) {}

void EventRecorder::record(EventNote note) {
    if (queue_.size() >= kQueueMax) {
        queue_.pop_front();
        count("dropped");
    }
    queue_.push_back({std::move(note), clock_.now()});
    changed_.notify_all();
}

awaitable<void> EventRecorder::run() {
    while (true) {
        co_await send_all(Deadline::after(std::chrono::hours{24}), false);
        if (repeats_.empty()) {
            while (queue_.empty()) co_await changed_.wait();
        } else {
            co_await clock_.sleep_for(kIdlePeriod);
        }
    }
}

awaitable<void> EventRecorder::flush(Deadline deadline) {
    while (sending_ && !deadline.has_passed())
        co_await clock_.sleep_for(std::chrono::milliseconds{50});
    co_await send_all(deadline, true);
}

awaitable<void> EventRecorder::send_all(Deadline deadline, bool also_not_due) {
    struct Sending {
        explicit Sending(bool& flag_) : flag(flag_) { flag = true; }
        ~Sending() { flag = false; }
        bool& flag;
    };
    const Sending sending(sending_);
    while (!queue_.empty() && !deadline.has_passed()) {
        Pending pending = std::move(queue_.front());
        queue_.pop_front();
        co_await tell(std::move(pending), deadline.but_within(kSendTime));
    }
    while (!deadline.has_passed()) {
        const auto next = next_repeat(also_not_due);
        if (next == repeats_.end()) break;
        std::string name = next->first;
        Repeat repeat = std::move(next->second);
        repeats_.erase(next);
        co_await raise_count(std::move(name), std::move(repeat), deadline.but_within(kSendTime));
    }
}

awaitable<void> EventRecorder::tell(Pending pending, Deadline deadline) {
    const auto now = clock_.steady_now();
    const EventVerdict verdict = correlator_.judge(pending.note, now);
    if (const auto* fresh = std::get_if<NewEvent>(&verdict)) {
        co_await create(std::move(pending), fresh->name, deadline);
    } else if (const auto* repeated = std::get_if<RepeatedEvent>(&verdict)) {
        // The first repetition is told at once, the following ones together.
        const auto delay = repeated->count == 2 ? std::chrono::seconds{0} : options_.series_period;
        Repeat& repeat =
            repeats_
                .try_emplace(repeated->name, Repeat{std::move(pending.note), 0, {}, now + delay})
                .first->second;
        repeat.count = repeated->count;
        repeat.last = pending.at;
    } else {
        count("suppressed");
    }
}

awaitable<void> EventRecorder::create(Pending pending, std::string name, Deadline deadline) {
    const EventNote note = std::move(pending.note);
    api::Event event;
    event.metadata.name = std::move(name);
    event.metadata.name_space = namespace_of(note);
    event.event_time = pending.at;
    event.type = note.type;
    event.action = cut(note.action, kReasonMax);
    event.reason = cut(note.reason, kReasonMax);
    event.note = cut(note.note, api::kEventNoteMax);
    event.regarding = note.regarding;
    event.reporting_controller = options_.controller;
    event.reporting_instance = cut(options_.instance, kReasonMax);
    std::exception_ptr error;
    try {
        kube::Api<api::Event> events(client_, event.metadata.name_space);
        co_await events.create(std::move(event), {}, deadline);
        count("created");
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) std::rethrow_exception(error);
    // Not told again: what it says is in the status, and the next repetition is a new attempt.
    correlator_.forget(note);
    count("failed");
    log_.warning(
        "An event could not be written",
        {{"reason", note.reason}, {"object", note.regarding.name}, {"error", what_of(error)}});
}

awaitable<void> EventRecorder::raise_count(std::string name, Repeat repeat, Deadline deadline) {
    const nlohmann::json patch = {
        {"series",
         {{"count", repeat.count}, {"lastObservedTime", format_rfc3339_micro(repeat.last)}}}};
    std::exception_ptr error;
    try {
        kube::Api<api::Event> events(client_, namespace_of(repeat.note));
        co_await events.merge_patch(std::move(name), patch, {}, deadline);
        count("updated");
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) std::rethrow_exception(error);
    correlator_.forget(repeat.note);  // it has expired, perhaps
    count("failed");
    log_.warning("An event's count could not be raised", {{"error", what_of(error)}});
}

std::map<std::string, EventRecorder::Repeat>::iterator EventRecorder::next_repeat(
    bool also_not_due) {
    const auto now = clock_.steady_now();
    return std::ranges::find_if(repeats_, [now, also_not_due](const auto& entry) {
        return also_not_due || entry.second.due <= now;
    });
}

}  // namespace chatflow::runtime

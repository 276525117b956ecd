#include "controller/clients/redis/switchover.hpp"

#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/preference.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr milliseconds kCallTimeout{1000};
constexpr milliseconds kPromotionTimeout{2500};
// A Sentinel asks a replica for its priority each 10 s.
constexpr milliseconds kPreferenceTimeout{12'000};

class HandoverRun {
 public:
    HandoverRun(Handover handover, Credentials credentials, HandoverOptions options, Clock& clock,
                Deadline deadline)
        : handover_(std::move(handover)),
          credentials_(std::move(credentials)),
          options_(options),
          clock_(clock),
          deadline_(deadline) {}

    awaitable<HandoverResult> run(std::function<awaitable<void>()> route) {
        if (auto refusal = co_await refused_beforehand()) co_return failed(*refusal);
        co_await set_priority(kPreferred);
        HandoverResult result = co_await hand_over(std::move(route));
        co_await set_priority(kNormal);
        co_return result;
    }

 private:
    awaitable<HandoverResult> hand_over(std::function<awaitable<void>()> route) {
        // A Sentinel takes the replica with the least priority, as it has heard it last.
        if (!co_await is_preferred()) {
            co_return failed(fmt::format("the Sentinel {} did not hear of {} in time",
                                         to_string(handover_.sentinel), to_string(handover_.to)));
        }
        paused_at_ = clock_.steady_now();
        co_await hold_writes();
        if (!co_await has_caught_up()) {
            co_await resume_writes();
            co_return failed(fmt::format("{} did not reach the master's offset within {} ms",
                                         to_string(handover_.to), catch_up().count()));
        }
        co_await hold_writes();
        if (has_lapsed_) {
            co_await resume_writes();
            co_return failed(fmt::format("the pause of {} ms ended before {} had caught up",
                                         options_.pause.count(), to_string(handover_.to)));
        }
        if (auto refusal = co_await fail_over()) {
            co_await settle_after_failure();
            co_return failed(*refusal);
        }
        // The Sentinels would do this only after 8 s, in which the old master accepts writes that
        // it loses when it becomes a replica.
        co_await follow(handover_.to);
        note_lapse();
        co_await route();
        co_await resume_writes();
        // Who is connected to the old master looks for the new one.
        co_await disconnect_clients();
        co_return HandoverResult{
            .done = true,
            .lossless = !has_lapsed_,
            .outcome = has_lapsed_ ? "Done, but the pause ended before the old master followed: "
                                     "writes of that time may be lost"
                                   : "Done",
            .writes_waited = since(paused_at_)};
    }

    /// Writes wait from now on for the time of the pause, or on.
    awaitable<void> hold_writes() {
        const SteadyTime asked = clock_.steady_now();
        co_await pause_writes();
        note_lapse();
        held_until_ = asked + options_.pause;
    }

    /// While a failover runs nobody is harmed by a pause that goes on, and writes would be lost.
    awaitable<void> keep_holding() {
        if (clock_.steady_now() < held_until_ - options_.pause / 2) co_return;
        try {
            co_await hold_writes();
        } catch (const redis::Error&) {
            // The old master does not answer; whether the pause ended is seen later.
        }
    }

    void note_lapse() {
        const bool was_held = held_until_ == SteadyTime{} || clock_.steady_now() < held_until_;
        has_lapsed_ = has_lapsed_ || !was_held;
    }

    /// Half of the pause at most: the pause is renewed before the other half is over.
    [[nodiscard]] milliseconds catch_up() const {
        return std::min(options_.catch_up, options_.pause / 2);
    }

    // No coroutines: g++ 14 cannot keep a list of words across co_await.
    awaitable<void> pause_writes() {
        const std::string time = std::to_string(options_.pause.count());
        return send(handover_.from, redis::Command{"CLIENT", "PAUSE", time, "WRITE"});
    }
    awaitable<void> resume_writes() {
        return send(handover_.from, redis::Command{"CLIENT", "UNPAUSE"});
    }
    awaitable<void> disconnect_clients() {
        return send(handover_.from, redis::Command{"CLIENT", "KILL", "TYPE", "normal"});
    }
    awaitable<void> follow(const Endpoint& master) {
        const std::string port = std::to_string(master.port);
        return send(handover_.from, redis::Command{"REPLICAOF", master.host, port});
    }
    awaitable<void> set_priority(int priority) {
        const std::string text = std::to_string(priority);
        return send(handover_.to, redis::Command{"CONFIG", "SET", "replica-priority", text});
    }
    awaitable<void> ask_failover() {
        return send(handover_.sentinel, redis::Command{"SENTINEL", "FAILOVER", handover_.name});
    }

    awaitable<void> send(Endpoint endpoint, redis::Command command) {
        co_await ask_one(std::move(endpoint), credentials_, std::move(command),
                         deadline_.but_within(kCallTimeout));
    }

    awaitable<NodeView> look(Endpoint endpoint) {
        co_return co_await observe_node(std::move(endpoint), credentials_,
                                        deadline_.but_within(kCallTimeout));
    }

    awaitable<std::optional<std::string>> refused_beforehand() {
        const NodeView from = co_await look(handover_.from);
        const NodeView to = co_await look(handover_.to);
        if (from.role != NodeRole::Master) {
            co_return fmt::format("{} is not the master", to_string(handover_.from));
        }
        if (to.role != NodeRole::Replica || !to.link_up || to.master != handover_.from) {
            co_return fmt::format("{} is no replica of the master with its link up",
                                  to_string(handover_.to));
        }
        if (to.priority == 0) {
            co_return fmt::format("{} may not become master", to_string(handover_.to));
        }
        co_return std::nullopt;
    }

    awaitable<bool> is_preferred() {
        const auto until = deadline_.but_within(kPreferenceTimeout);
        while (!until.has_passed()) {
            const SentinelView seen = co_await look_at_sentinel();
            for (const KnownReplica& replica : seen.replicas) {
                if (replica.endpoint == handover_.to && replica.priority == kPreferred)
                    co_return true;
            }
            co_await clock_.sleep_for(options_.poll * 10);
        }
        co_return false;
    }

    awaitable<SentinelView> look_at_sentinel() {
        co_return co_await observe_sentinel(handover_.sentinel, handover_.name, credentials_,
                                            deadline_.but_within(kCallTimeout));
    }

    /// The failover was asked for, and the chosen replica is no master. If another one is, the old
    /// master follows that; while the Sentinel is still at it the pause goes on until its end.
    awaitable<void> settle_after_failure() {
        const SentinelView seen = co_await look_at_sentinel();
        if (!seen.reachable || !seen.master) co_return;
        if (*seen.master != handover_.from) {
            co_await follow(*seen.master);
        } else if (seen.failing_over) {
            co_return;
        }
        co_await resume_writes();
    }

    /// Writes are paused, so the master's offset moves by heartbeats only.
    awaitable<bool> has_caught_up() {
        const auto until = Deadline::after(catch_up());
        const NodeView from = co_await look(handover_.from);
        while (from.role == NodeRole::Master && !until.has_passed()) {
            const NodeView to = co_await look(handover_.to);
            if (to.role == NodeRole::Replica && to.offset >= from.offset) co_return true;
            co_await clock_.sleep_for(options_.poll);
        }
        co_return false;
    }

    /// Has the Sentinel promote the chosen replica; nothing when it has.
    awaitable<std::optional<std::string>> fail_over() {
        try {
            co_await ask_failover();
        } catch (const redis::ServerError& error) {
            co_return fmt::format("the Sentinel refused: {}", error.what());
        }
        const auto until = Deadline::after(kPromotionTimeout);
        while (!until.has_passed()) {
            if ((co_await look(handover_.to)).role == NodeRole::Master) co_return std::nullopt;
            co_await keep_holding();
            co_await clock_.sleep_for(options_.poll);
        }
        co_return fmt::format("{} was not promoted within {} ms", to_string(handover_.to),
                              kPromotionTimeout.count());
    }

    HandoverResult failed(std::string why) const {
        return {.outcome = std::move(why),
                .writes_waited = paused_at_ == SteadyTime{} ? milliseconds{0} : since(paused_at_)};
    }

    [[nodiscard]] milliseconds since(SteadyTime moment) const {
        return std::chrono::duration_cast<milliseconds>(clock_.steady_now() - moment);
    }

    Handover handover_;
    Credentials credentials_;
    HandoverOptions options_;
    Clock& clock_;
    Deadline deadline_;
    SteadyTime paused_at_{};
    SteadyTime held_until_{};  // at least; nothing before the first pause
    bool has_lapsed_ = false;
};

}  // namespace

awaitable<HandoverResult> hand_over(Handover handover, Credentials credentials,
                                    HandoverOptions options, Clock& clock,
                                    std::function<awaitable<void>()> route, Deadline deadline) {
    HandoverRun run(std::move(handover), std::move(credentials), options, clock, deadline);
    co_return co_await run.run(std::move(route));
}

}  // namespace chatflow::redis_topology

#include "controller/runtime/leader_elector.hpp"

#include "controller/clients/kube/api.hpp"
#include "libs/base/exception_text.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace chatflow::runtime {
namespace {

// One attempt, read and write. Two fit into the time in which a renewal has to succeed.
constexpr std::chrono::seconds kAttemptTime{5};
// So much of the retry period is random: few enough for a takeover within 3 s of a release.
constexpr double kRetryJitter = 0.1;

const kube::WriteOptions kWrite{.field_manager = "chatflow-leader-election"};

awaitable<void> rethrow_if_cancelled(std::exception_ptr error) {
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) std::rethrow_exception(error);
}

}  // namespace

LeaderElector::LeaderElector(kube::Client& client, Clock& clock, const Log& log,
                             RuntimeMetrics& metrics, LeaderElectorOptions options)
    : client_(client),
      clock_(clock),
      log_(log.with({{"lease", options.name}, {"identity", options.identity}})),
      is_leader_metric_(metrics.leader(options.name)),
      options_(std::move(options)),
      random_(std::random_device{}()) {
    is_leader_metric_.Set(0);
}

awaitable<void> LeaderElector::acquire() {
    std::string told_holder;
    while (true) {
        std::exception_ptr error;
        try {
            if (co_await try_once(Deadline::after(kAttemptTime))) {
                log_.info("Became leader", {{"transitions", lease_->spec.lease_transitions}});
                co_return;
            }
        } catch (...) {
            error = std::current_exception();
        }
        if (error) {
            co_await rethrow_if_cancelled(error);
            log_.warning("The lease could not be read or written", {{"error", what_of(error)}});
        } else if (holder() != told_holder) {
            told_holder = holder();
            log_.info("Waits for leadership", {{"holder", told_holder}});
        }
        co_await clock_.sleep_for(retry_period());
    }
}

awaitable<void> LeaderElector::hold() {
    while (true) {
        const auto time_left = [this] {
            return renewed_at_ + options_.times.renew_deadline - clock_.steady_now();
        };
        co_await clock_.sleep_for(std::min(retry_period(), time_left()));
        const auto left = time_left();
        if (left <= left.zero()) lose("the lease could not be renewed in time");
        std::exception_ptr error;
        try {
            const auto deadline = Deadline::after(left).but_within(kAttemptTime);
            if (!co_await try_once(deadline)) lose("another process holds the lease");
        } catch (...) {
            error = std::current_exception();
        }
        if (!error) continue;
        if (!leads_) std::rethrow_exception(error);
        co_await rethrow_if_cancelled(error);
        log_.warning("The lease could not be renewed", {{"error", what_of(error)}});
    }
}

awaitable<void> LeaderElector::release(Deadline deadline) {
    if (!std::exchange(leads_, false)) co_return;
    is_leader_metric_.Set(0);
    // Read anew: the answer to our last renewal may have been lost.
    co_await observe(deadline);
    if (holder() != options_.identity) co_return;
    co_await write(released(lease_->spec, clock_.now()), deadline);
    log_.info("Released the lease");
}

bool LeaderElector::is_leader() const {
    return leads_ && clock_.steady_now() < renewed_at_ + options_.times.renew_deadline;
}

std::string LeaderElector::holder() const {
    return lease_ ? lease_->spec.holder_identity : std::string{};
}

/// Whether we lead after it. A leader writes at once: its copy is the newest unless somebody else
/// has written, and then the API server refuses.
awaitable<bool> LeaderElector::try_once(Deadline deadline) {
    if (!leads_) co_await observe(deadline);
    const auto started = clock_.steady_now();
    std::optional<api::LeaseSpec> record;
    if (lease_) record = lease_->spec;
    const LeaseDecision decision = decide_lease({record, changed_at_}, started, clock_.now(),
                                                options_.identity, options_.times);
    const auto* take = std::get_if<TakeLease>(&decision);
    if (take == nullptr) co_return false;
    bool outrun = false;
    try {
        co_await write(take->record, deadline);
    } catch (const kube::ApiError& error) {
        if (error.code() != 409 && error.code() != 404) throw;
        outrun = true;
    }
    if (outrun) {  // somebody else wrote, or deleted it: what do they say now?
        co_await observe(deadline);
        if (!leads_ || (lease_ && lease_->spec.holder_identity != options_.identity)) {
            co_return false;
        }
        co_await write(take->record, deadline);
    }
    // Followers count from when they saw the write, which is not before it was sent.
    renewed_at_ = started;
    leads_ = true;
    is_leader_metric_.Set(1);
    co_return true;
}

awaitable<void> LeaderElector::observe(Deadline deadline) {
    kube::Api<api::Lease> leases(client_, options_.name_space);
    note(co_await leases.get(options_.name, deadline));
}

awaitable<void> LeaderElector::write(api::LeaseSpec record, Deadline deadline) {
    kube::Api<api::Lease> leases(client_, options_.name_space);
    api::Lease lease = lease_.value_or(api::Lease{});
    lease.metadata.name = options_.name;
    lease.metadata.name_space = options_.name_space;
    lease.spec = std::move(record);
    // Not `a ? co_await b : co_await c`: g++ 14 moves the arguments of both.
    if (lease_) {
        note(co_await leases.update(std::move(lease), kWrite, deadline));
    } else {
        note(co_await leases.create(std::move(lease), kWrite, deadline));
    }
}

std::chrono::steady_clock::duration LeaderElector::retry_period() {
    std::uniform_real_distribution<double> jitter(1 - kRetryJitter, 1 + kRetryJitter);
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        options_.times.retry_period * jitter(random_));
}

/// A record counts as changed when it is not the one that we know, whatever it says about time,
/// and from when we have it: its holder may have written it at that very moment.
void LeaderElector::note(std::optional<api::Lease> lease) {
    const bool same = lease && lease_ && lease->spec == lease_->spec &&
                      lease->metadata.uid == lease_->metadata.uid;
    if (!same) changed_at_ = clock_.steady_now();
    lease_ = std::move(lease);
}

void LeaderElector::lose(const char* reason) {
    leads_ = false;
    is_leader_metric_.Set(0);
    throw LeadershipLost(reason);
}

}  // namespace chatflow::runtime

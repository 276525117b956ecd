#include "controller/runtime/controller.hpp"

#include "libs/async/with_deadline.hpp"
#include "libs/base/exception_text.hpp"

#include <exception>

#include <fmt/format.h>

namespace chatflow::runtime {
namespace {

// A reconciler is told its deadline; this much later it is cancelled, so that it can first report
// which of its steps was too slow.
constexpr std::chrono::seconds kDeadlineGrace{1};

}  // namespace

Controller::Controller(asio::any_io_executor executor, Clock& clock, Log log,
                       Reconciler& reconciler, RuntimeMetrics& metrics, ControllerOptions options)
    : clock_(clock),
      log_(log.with({{"controller", options.name}})),
      reconciler_(reconciler),
      options_(std::move(options)),
      metrics_(metrics.for_controller(options_.name)),
      inbox_(executor, clock, metrics, options_.name, options_.retries),
      random_(std::random_device{}()),
      workers_(executor, [this](const std::exception_ptr& error) {
          log_.error("A worker ended", {{"error", what_of(error)}});
      }) {
    metrics_.max_concurrent->Set(static_cast<double>(options_.workers));
}

void Controller::start() {
    for (std::size_t i = 0; i < options_.workers; ++i) workers_.spawn(work());
}

awaitable<void> Controller::stop(Deadline deadline) {
    inbox_.close();
    bool in_time = true;
    try {
        co_await with_deadline(workers_.wait(), deadline, "finishing the last reconciliations");
    } catch (const DeadlineExceeded&) {
        in_time = false;
    }
    if (in_time) co_return;
    log_.warning("Reconciliations still ran at the end of the grace period",
                 {{"reconciliations", stats().processing}});
    workers_.cancel();
    co_await workers_.wait();
}

void Controller::cancel() {
    inbox_.close();
    workers_.cancel();
}

awaitable<void> Controller::work() {
    while (auto key = co_await inbox_.next()) {
        if (!may_act_()) co_return;
        metrics_.active_workers->Increment();
        co_await reconcile(*key);
        metrics_.active_workers->Decrement();
        inbox_.done(*key);
    }
}

awaitable<void> Controller::reconcile(api::ObjectKey key) {
    const Log log = log_.with(
        {{"namespace", key.name_space}, {"name", key.name}, {"reconcile_id", next_reconcile_id()}});
    const Deadline deadline = Deadline::after(options_.reconcile_timeout);
    const auto started = clock_.steady_now();
    std::exception_ptr error;
    try {
        const Action action = co_await with_deadline(
            reconciler_.reconcile(key, deadline, log),
            Deadline::at(deadline.moment() + kDeadlineGrace), "the reconciliation");
        succeed(key, action);
    } catch (...) {
        error = std::current_exception();
    }
    if (error) {
        const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) std::rethrow_exception(error);
        fail(key, error, log);
    }
    metrics_.time->Observe(std::chrono::duration<double>(clock_.steady_now() - started).count());
}

void Controller::succeed(const api::ObjectKey& key, const Action& action) {
    inbox_.forget(key);
    if (action.delay) {
        inbox_.add_after(key, *action.delay);
        metrics_.requeue_after->Increment();
    } else {
        metrics_.success->Increment();
    }
}

void Controller::fail(const api::ObjectKey& key, const std::exception_ptr& error, const Log& log) {
    metrics_.error->Increment();
    metrics_.errors->Increment();
    try {
        std::rethrow_exception(error);
    } catch (const TerminalError& terminal) {
        metrics_.terminal_errors->Increment();
        inbox_.forget(key);
        log.error("Reconciliation failed, and only a change of the object can help",
                  {{"error", terminal.what()}});
        return;
    } catch (const DeadlineExceeded& late) {
        metrics_.timeouts->Increment();
        log.warning("Reconciliation took too long", {{"error", late.what()}});
    } catch (const std::exception& failure) {
        log.warning("Reconciliation failed", {{"error", failure.what()}});
    } catch (...) {
        metrics_.panics->Increment();
        log.error("Reconciliation threw what is no exception");
    }
    inbox_.add_rate_limited(key);
}

std::string Controller::next_reconcile_id() { return fmt::format("{:016x}", random_()); }

}  // namespace chatflow::runtime

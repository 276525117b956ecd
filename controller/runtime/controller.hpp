#pragma once

#include "controller/runtime/mappers.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/predicates.hpp"
#include "controller/runtime/reconciler.hpp"
#include "controller/runtime/store.hpp"
#include "controller/runtime/work_inbox.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::runtime {

struct ControllerOptions {
    std::string name;         // "scalingpolicy": the label of its metrics
    std::size_t workers = 1;  // how many objects are reconciled at once
    std::chrono::seconds reconcile_timeout{60};
    RetryLimits retries = {};
};

/// Runs a Reconciler for every key that its sources name: N workers take keys from one queue;
/// a failure comes back after a growing delay, is counted, and is logged once. One executor.
class Controller {
 public:
    Controller(asio::any_io_executor executor, Clock& clock, Log log, Reconciler& reconciler,
               RuntimeMetrics& metrics, ControllerOptions options);

    /// Looks at the keys that `mapper` names whenever an object of `store` changes in a way that
    /// `predicate` lets through. Keys wait until start().
    template <class K>
    void watches(Store<K>& store, Predicate<K> predicate, Mapper<K> mapper) {
        auto hear = [this, predicate = std::move(predicate),
                     mapper = std::move(mapper)](const Change<K>& change) {
            if (!predicate(change)) return;
            for (const api::ObjectKey& key : mapper(change)) inbox_.add(key);
        };
        store.on_change(std::move(hear));
    }

    void enqueue(const api::ObjectKey& key) { inbox_.add(key); }
    void enqueue_after(const api::ObjectKey& key, std::chrono::milliseconds delay) {
        inbox_.add_after(key, delay);
    }

    /// Once `may_act` says no, keys are left in the queue: the lease is lost. Set before start().
    void act_only_if(std::function<bool()> may_act) { may_act_ = std::move(may_act); }

    void start();

    /// Takes no further key.
    void close() { inbox_.close(); }

    /// Takes no further key, lets what runs finish until `deadline`, then cancels it.
    [[nodiscard]] awaitable<void> stop(Deadline deadline);

    /// Cancels what runs, at once.
    void cancel();

    void refresh_metrics() { inbox_.refresh_metrics(); }
    [[nodiscard]] const std::string& name() const { return options_.name; }
    [[nodiscard]] WorkQueue::Stats stats() const { return inbox_.stats(); }

 private:
    awaitable<void> work();
    awaitable<void> reconcile(api::ObjectKey key);
    void succeed(const api::ObjectKey& key, const Action& action);
    void fail(const api::ObjectKey& key, const std::exception_ptr& error, const Log& log);
    [[nodiscard]] std::string next_reconcile_id();

    Clock& clock_;
    Log log_;
    Reconciler& reconciler_;
    ControllerOptions options_;
    ControllerMetrics metrics_;
    WorkInbox inbox_;
    std::function<bool()> may_act_ = [] { return true; };
    std::mt19937_64 random_;  // for ids in log lines only
    TaskGroup workers_;
};

}  // namespace chatflow::runtime

#pragma once

#include "controller/clients/kube/watcher.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/store_writer.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/heap.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/this_coro.hpp>

namespace chatflow::runtime {

/// What the Manager needs of a cache, whatever its kind.
class Cache {
 public:
    virtual ~Cache() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    [[nodiscard]] virtual bool has_synced() const = 0;

    /// Follows the API server; ends by cancellation only.
    [[nodiscard]] virtual awaitable<void> run() = 0;
};

struct WatchCacheOptions {
    std::set<std::string> namespaces;  // empty: all, with one watch
    kube::Selection selection;
    kube::WatchLoopOptions loop;
};

/// Keeps a Store as the API server has it. While a watch is broken the store stays as it was;
/// after it has begun anew, handlers hear only of real differences.
template <api::Kind K>
class WatchCache final : public Cache {
 public:
    using Options = WatchCacheOptions;

    WatchCache(kube::Client& client, Clock& clock, const Log& log, RuntimeMetrics& metrics,
               Options options = {})
        : objects_(metrics.cached_objects(name())), syncs_(metrics.cache_syncs(name())) {
        if (options.namespaces.empty()) options.namespaces = {""};
        writer_.emplace(store_, options.namespaces);
        for (const std::string& name_space : options.namespaces) {
            auto watcher_log = log.with({{"cache", name()}});
            if (!name_space.empty()) watcher_log = watcher_log.with({{"namespace", name_space}});
            watches_.push_back(
                std::make_unique<Watch>(*this, name_space, client, clock, watcher_log, options));
        }
    }

    [[nodiscard]] Store<K>& store() { return store_; }
    [[nodiscard]] const Store<K>& store() const { return store_; }

    /// Takes from each object what nobody reads, before it is kept. Set before run().
    void trim_with(std::function<void(K&)> trim) { trim_ = std::move(trim); }

    [[nodiscard]] std::string name() const override {
        return std::string(api::KindTraits<K>::kPlural);
    }
    [[nodiscard]] bool has_synced() const override { return store_.has_synced(); }

    [[nodiscard]] awaitable<void> run() override {
        if (watches_.size() == 1) co_return co_await watches_.front()->run();
        std::exception_ptr error;
        TaskGroup running(co_await asio::this_coro::executor,
                          [&error](const std::exception_ptr& failure) { error = failure; });
        for (const auto& watch : watches_) running.spawn(watch->run());
        try {
            co_await running.wait();
        } catch (...) {
            error = std::current_exception();
        }
        co_await asio::this_coro::reset_cancellation_state();
        running.cancel();
        co_await running.wait();
        if (error) std::rethrow_exception(error);
    }

 private:
    /// Of one namespace.
    class Watch final : private kube::WatchSink<K> {
     public:
        Watch(WatchCache& cache, std::string name_space, kube::Client& client, Clock& clock,
              const Log& log, const Options& options)
            : cache_(cache),
              name_space_(std::move(name_space)),
              watcher_(client, clock, log,
                       {.name_space = name_space_,
                        .selection = options.selection,
                        .loop = options.loop}) {}

        [[nodiscard]] awaitable<void> run() { return watcher_.run(*this); }

     private:
        void on_decoded(K& object) override { cache_.trim_(object); }
        void on_sync(std::vector<std::shared_ptr<const K>> all) override {
            cache_.writer_->replace(std::move(all), name_space_);
            give_back_free_memory();  // of the pages that the list came in
            cache_.syncs_.Increment();
            cache_.count();
        }
        void on_upsert(K object) override {
            cache_.writer_->upsert(std::move(object));
            cache_.count();
        }
        void on_delete(const api::ObjectKey& key) override {
            cache_.writer_->remove(key);
            cache_.count();
        }

        WatchCache& cache_;
        std::string name_space_;
        kube::Watcher<K> watcher_;
    };

    void count() { objects_.Set(static_cast<double>(store_.size())); }

    Store<K> store_;
    std::function<void(K&)> trim_ = [](K&) {};
    prometheus::Gauge& objects_;
    prometheus::Counter& syncs_;
    std::optional<StoreWriter<K>> writer_;
    std::vector<std::unique_ptr<Watch>> watches_;
};

}  // namespace chatflow::runtime

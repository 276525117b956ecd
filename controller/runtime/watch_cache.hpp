#pragma once

#include "controller/clients/kube/watcher.hpp"
#include "controller/runtime/metrics.hpp"
#include "controller/runtime/store_writer.hpp"

#include <string>
#include <utility>
#include <vector>

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

/// Keeps a Store as the API server has it. While the watch is broken the store stays as it was;
/// after it has begun anew, handlers hear only of real differences.
template <api::Kind K>
class WatchCache final : public Cache, private kube::WatchSink<K> {
 public:
    using Options = kube::Watcher<K>::Options;

    WatchCache(kube::Client& client, Clock& clock, const Log& log, RuntimeMetrics& metrics,
               Options options = {})
        : objects_(metrics.cached_objects(name())),
          syncs_(metrics.cache_syncs(name())),
          watcher_(client, clock, log.with({{"cache", name()}}), std::move(options)),
          writer_(store_) {}

    [[nodiscard]] Store<K>& store() { return store_; }
    [[nodiscard]] const Store<K>& store() const { return store_; }

    [[nodiscard]] std::string name() const override {
        return std::string(api::KindTraits<K>::kPlural);
    }
    [[nodiscard]] bool has_synced() const override { return store_.has_synced(); }
    [[nodiscard]] awaitable<void> run() override { return watcher_.run(*this); }

 private:
    void on_sync(std::vector<K> all) override {
        writer_.replace(std::move(all));
        syncs_.Increment();
        count();
    }
    void on_upsert(K object) override {
        writer_.upsert(std::move(object));
        count();
    }
    void on_delete(const api::ObjectKey& key) override {
        writer_.remove(key);
        count();
    }
    void count() { objects_.Set(static_cast<double>(store_.size())); }

    Store<K> store_;
    prometheus::Gauge& objects_;
    prometheus::Counter& syncs_;
    kube::Watcher<K> watcher_;
    StoreWriter<K> writer_;
};

}  // namespace chatflow::runtime

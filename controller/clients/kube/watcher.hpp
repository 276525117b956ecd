#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/clients/kube/resource.hpp"
#include "controller/clients/kube/watch_loop.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::kube {

/// What a Watcher tells. Called on the event loop; must not block. An exception of on_upsert
/// counts as an object that cannot be read: it is logged, and the watch goes on.
template <api::Kind K>
class WatchSink {
 public:
    virtual ~WatchSink() = default;

    /// Each object, before anything keeps it: the place to take out what nobody reads.
    virtual void on_decoded(K&) {}

    /// All objects there are: the first time, and whenever the watch had to begin anew. Whatever
    /// is not in the list is gone. Each is where it may stay, so that no list is copied.
    virtual void on_sync(std::vector<std::shared_ptr<const K>> all) = 0;
    virtual void on_upsert(K object) = 0;
    virtual void on_delete(const api::ObjectKey& key) = 0;
};

/// Follows the objects of one kind for as long as it runs: lists them, watches from there, and
/// begins anew after whatever goes wrong, with back-off. Owned by one event loop.
template <api::Kind K>
class Watcher final : private RawWatchSink {
 public:
    struct Options {
        std::string name_space;  // empty: all
        Selection selection;
        WatchLoopOptions loop;
    };
    Watcher(Client& client, Clock& clock, Log log, Options options)
        : loop_(client, clock, std::move(log), resource_of<K>(std::move(options.name_space)),
                std::move(options.selection), std::move(options.loop)) {}

    /// Never returns; ends by cancellation. `sink` outlives the call.
    [[nodiscard]] awaitable<void> run(WatchSink<K>& sink) {
        sink_ = &sink;
        co_await loop_.run(*this);
    }

 private:
    void begin_sync() override {
        is_syncing_ = true;
        listed_.clear();
    }
    void sync_object(const nlohmann::json& object) override { list(decode(object)); }
    void end_sync() override {
        is_syncing_ = false;
        sink_->on_sync(std::exchange(listed_, {}));
    }
    void upsert(const nlohmann::json& object) override {
        K decoded = decode(object);
        if (!is_syncing_) return sink_->on_upsert(std::move(decoded));
        drop(key_of(decoded.metadata));
        list(std::move(decoded));
    }
    void remove(const api::ObjectKey& key) override {
        if (!is_syncing_) return sink_->on_delete(key);
        drop(key);
    }

    K decode(const nlohmann::json& object) {
        K decoded = api::KindTraits<K>::decode(object);
        sink_->on_decoded(decoded);
        return decoded;
    }

    void list(K object) { listed_.push_back(std::make_shared<const K>(std::move(object))); }

    // Rare: an object that changes while the initial events are still coming.
    void drop(const api::ObjectKey& key) {
        std::erase_if(listed_, [&key](const auto& one) { return key_of(one->metadata) == key; });
    }

    WatchLoop loop_;
    WatchSink<K>* sink_ = nullptr;
    bool is_syncing_ = false;
    std::vector<std::shared_ptr<const K>> listed_;
};

}  // namespace chatflow::kube

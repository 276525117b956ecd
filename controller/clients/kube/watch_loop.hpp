#pragma once

#include "controller/api/object_meta.hpp"
#include "controller/clients/kube/backoff.hpp"
#include "controller/clients/kube/client.hpp"
#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <exception>
#include <random>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::kube {

/// What a WatchLoop tells, before types. Between begin_sync and end_sync, upsert and remove change
/// the list that is being made. When upsert or sync_object throws, the object cannot be decoded:
/// it is logged and left out, and the watch goes on.
class RawWatchSink {
 public:
    virtual ~RawWatchSink() = default;

    virtual void begin_sync() = 0;  // forgets a list that was not ended
    virtual void sync_object(const nlohmann::json& object) = 0;
    virtual void end_sync() = 0;
    virtual void upsert(const nlohmann::json& object) = 0;
    virtual void remove(const api::ObjectKey& key) = 0;
};

struct WatchLoopOptions {
    BackoffOptions backoff;
    // Above the 60 s at which bookmarks come: a peer silent for longer is taken for dead.
    std::chrono::steady_clock::duration idle_timeout = std::chrono::seconds(120);
    std::chrono::steady_clock::duration list_timeout = std::chrono::seconds(60);
    // The server ends a watch after a random time between the two, so that watches spread.
    std::chrono::seconds watch_least{300};
    std::chrono::seconds watch_most{600};
    bool use_watch_list = true;  // falls back to paged lists by itself
};

/// The untyped half of Watcher: list or WatchList, watch, resume, list again after 410, back off.
class WatchLoop {
 public:
    WatchLoop(Client& client, Clock& clock, Log log, Resource resource, Selection selection,
              WatchLoopOptions options);

    /// Never returns; ends by cancellation.
    [[nodiscard]] awaitable<void> run(RawWatchSink& sink);

 private:
    [[nodiscard]] awaitable<void> run_once(RawWatchSink& sink);
    [[nodiscard]] awaitable<WatchStream> sync_and_watch(RawWatchSink& sink);
    [[nodiscard]] awaitable<WatchStream> sync_by_watch_list(RawWatchSink& sink);
    [[nodiscard]] awaitable<void> sync_by_list(RawWatchSink& sink);
    void deliver(const WatchEvent& event, RawWatchSink& sink);
    void guarded(const char* what, const nlohmann::json& object,
                 void (RawWatchSink::*tell)(const nlohmann::json&), RawWatchSink& sink);
    [[nodiscard]] WatchOptions watch_options();
    [[nodiscard]] std::chrono::milliseconds pause_after(const std::exception_ptr& error,
                                                        std::chrono::milliseconds lasted);

    Client& client_;
    Clock& clock_;
    Log log_;
    Resource resource_;
    Selection selection_;
    WatchLoopOptions options_;
    Backoff backoff_;
    std::minstd_rand random_;
    std::string resource_version_;  // empty: has to sync first
    bool watch_list_works_;
};

}  // namespace chatflow::kube

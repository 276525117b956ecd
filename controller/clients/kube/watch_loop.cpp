#include "controller/clients/kube/watch_loop.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

namespace {

using nlohmann::json;

// A watch that ends sooner than this, without an error, is a server in trouble: no busy loop.
constexpr auto kShortWatch = std::chrono::seconds(1);

api::ObjectKey key_of(const json& object) {
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->is_object()) return {};
    return {.name_space = metadata->value("namespace", ""), .name = metadata->value("name", "")};
}

// The server does not know WatchList, or has it switched off.
bool refuses_watch_list(const ApiError& error) {
    return error.code() == 400 || error.code() == 404 || error.code() == 422;
}

// Whether going on from the last resource version may work after this. 504 with a cause: the
// version is from the future, as after a restored etcd.
bool can_resume(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ApiError& refusal) {
        const bool is_from_future = refusal.code() == 504 && !refusal.causes().empty();
        return !refusal.is_gone() && refusal.code() != 400 && !is_from_future;
    } catch (...) {
        return true;
    }
}

std::string what_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& failure) {
        return failure.what();
    }
}

std::optional<std::chrono::milliseconds> retry_after_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const ApiError& refusal) {
        return refusal.retry_after();
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace

WatchLoop::WatchLoop(Client& client, Clock& clock, Log log, Resource resource, Selection selection,
                     WatchLoopOptions options)
    : client_(client),
      clock_(clock),
      log_(log.with({{"resource", resource.plural}})),
      resource_(std::move(resource)),
      selection_(std::move(selection)),
      options_(options),
      backoff_(options.backoff),
      random_(std::random_device{}()),
      watch_list_works_(options.use_watch_list) {}

awaitable<void> WatchLoop::run(RawWatchSink& sink) {
    while (true) {
        const auto started = clock_.steady_now();
        std::exception_ptr error;
        try {
            co_await run_once(sink);
        } catch (...) {
            error = std::current_exception();
        }
        if (error && is_cancellation(error)) std::rethrow_exception(error);
        const auto lasted =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - started);
        if (!error && lasted >= kShortWatch) continue;  // its time was over: go on watching
        if (error && !can_resume(error)) resource_version_.clear();
        co_await clock_.sleep_for(pause_after(error, lasted));
    }
}

awaitable<void> WatchLoop::run_once(RawWatchSink& sink) {
    // Two statements: g++ mishandles co_await inside a conditional expression's operands.
    std::optional<WatchStream> stream;
    if (resource_version_.empty()) {
        stream.emplace(co_await sync_and_watch(sink));
    } else {
        stream.emplace(co_await client_.watch(resource_, watch_options()));
    }
    while (const auto event = co_await stream->next()) deliver(*event, sink);
}

awaitable<WatchStream> WatchLoop::sync_and_watch(RawWatchSink& sink) {
    if (watch_list_works_) {
        try {
            co_return co_await sync_by_watch_list(sink);
        } catch (const ApiError& refusal) {
            if (!refuses_watch_list(refusal)) throw;
        } catch (const DeadlineExceeded&) {
            // An older server watches, but never says that the initial events are over.
        }
        watch_list_works_ = false;
        log_.info("Listing page by page: the API server offers no WatchList");
    }
    co_await sync_by_list(sink);
    co_return co_await client_.watch(resource_, watch_options());
}

awaitable<WatchStream> WatchLoop::sync_by_watch_list(RawWatchSink& sink) {
    WatchOptions options = watch_options();
    options.send_initial_events = true;
    WatchStream stream = co_await client_.watch(resource_, std::move(options));
    sink.begin_sync();
    while (true) {
        const auto event = co_await with_deadline(
            stream.next(), Deadline::after(options_.list_timeout), "the initial events of a watch");
        if (!event) throw clients::TransportError("the watch ended among its initial events");
        if (ends_initial_events(*event)) {
            resource_version_ = resource_version_of(event->object);
            sink.end_sync();
            co_return stream;
        }
        switch (event->type) {
            case WatchEvent::Type::Added:
                guarded("synced", event->object, &RawWatchSink::sync_object, sink);
                break;
            case WatchEvent::Type::Modified:
                guarded("changed", event->object, &RawWatchSink::upsert, sink);
                break;
            case WatchEvent::Type::Deleted:
                sink.remove(key_of(event->object));
                break;
            case WatchEvent::Type::Bookmark:
                break;
        }
    }
}

awaitable<void> WatchLoop::sync_by_list(RawWatchSink& sink) {
    ListSink items{
        .item = [this, &sink](
                    json& object) { guarded("listed", object, &RawWatchSink::sync_object, sink); },
        .restart = [&sink] { sink.begin_sync(); }};
    sink.begin_sync();
    resource_version_ = co_await client_.list(resource_, selection_, std::move(items),
                                              Deadline::after(options_.list_timeout));
    sink.end_sync();
}

void WatchLoop::deliver(const WatchEvent& event, RawWatchSink& sink) {
    switch (event.type) {
        case WatchEvent::Type::Added:
        case WatchEvent::Type::Modified:
            guarded("changed", event.object, &RawWatchSink::upsert, sink);
            break;
        case WatchEvent::Type::Deleted:
            sink.remove(key_of(event.object));
            break;
        case WatchEvent::Type::Bookmark:
            break;
    }
    if (auto version = resource_version_of(event.object); !version.empty()) {
        resource_version_ = std::move(version);
    }
}

void WatchLoop::guarded(const char* what, const json& object,
                        void (RawWatchSink::*tell)(const json&), RawWatchSink& sink) {
    try {
        (sink.*tell)(object);
    } catch (const std::exception& failure) {
        const api::ObjectKey key = key_of(object);
        log_.warning("Left out an object that cannot be read", {{"namespace", key.name_space},
                                                                {"name", key.name},
                                                                {"was", what},
                                                                {"error", failure.what()}});
    }
}

WatchOptions WatchLoop::watch_options() {
    std::uniform_int_distribution<std::int64_t> time(options_.watch_least.count(),
                                                     options_.watch_most.count());
    return {.selection = selection_,
            .resource_version = resource_version_,
            .timeout = std::chrono::seconds(time(random_)),
            .idle_timeout = options_.idle_timeout};
}

std::chrono::milliseconds WatchLoop::pause_after(const std::exception_ptr& error,
                                                 std::chrono::milliseconds lasted) {
    std::uniform_real_distribution<double> jitter(0.0, 1.0);
    auto pause = backoff_.after_failure(lasted, jitter(random_));
    if (!error) return pause;
    if (const auto asked = retry_after_of(error)) pause = std::max(pause, *asked);
    log_.warning("Watch broke off; trying again",
                 {{"error", what_of(error)}, {"pause_ms", pause.count()}});
    return pause;
}

}  // namespace chatflow::kube

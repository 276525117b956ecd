#pragma once

#include "controller/clients/kube/watcher.hpp"
#include "libs/async/notification.hpp"
#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "tests/integration/kube/config_map.hpp"
#include "tests/support/kube_session.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chatflow::test {

/// Follows ConfigMaps and keeps what it was told, as a watch cache does.
class WatchSession final : private kube::WatchSink<ConfigMap> {
 public:
    using Objects = std::map<std::string, std::string>;  // name → data["value"]

    WatchSession(KubeSession& session, kube::Watcher<ConfigMap>::Options options)
        : session_(session),
          changed_(session.io().get_executor()),
          tasks_(session.io().get_executor(),
                 [](const std::exception_ptr&) { ADD_FAILURE() << "the watcher ended"; }),
          watcher_(session.client(), session.clock(), Log("test", LogLevel::Error),
                   std::move(options)) {
        tasks_.spawn(watcher_.run(*this));
    }
    ~WatchSession() override {
        tasks_.cancel();
        session_.run(tasks_.wait());
    }

    [[nodiscard]] const Objects& objects() const { return objects_; }
    [[nodiscard]] int syncs() const { return syncs_; }

    /// Runs the event loop until `condition` holds; fails the test after 60 s.
    void wait_until(const char* what, const std::function<bool()>& condition) {
        const auto wait = [&]() -> awaitable<void> {
            while (!condition()) co_await changed_.wait();
        };
        try {
            session_.run(with_deadline(wait(), Deadline::after(std::chrono::seconds(60)), what));
        } catch (const DeadlineExceeded& failure) {
            FAIL() << failure.what();
        }
    }
    void wait_until_is(const Objects& wanted) {
        wait_until("seeing the objects", [&] { return syncs_ > 0 && objects_ == wanted; });
        EXPECT_EQ(objects_, wanted);
    }

 private:
    void on_sync(std::vector<std::shared_ptr<const ConfigMap>> all) override {
        ++syncs_;
        objects_.clear();
        for (const auto& map : all) keep(*map);
        changed_.notify_all();
    }
    void on_upsert(ConfigMap object) override {
        keep(object);
        changed_.notify_all();
    }
    void on_delete(const api::ObjectKey& key) override {
        objects_.erase(key.name);
        changed_.notify_all();
    }
    void keep(const ConfigMap& map) {
        const auto value = map.data.find("value");
        objects_[map.metadata.name] = value == map.data.end() ? "" : value->second;
    }

    KubeSession& session_;
    Notification changed_;
    TaskGroup tasks_;
    kube::Watcher<ConfigMap> watcher_;
    Objects objects_;
    int syncs_ = 0;
};

}  // namespace chatflow::test

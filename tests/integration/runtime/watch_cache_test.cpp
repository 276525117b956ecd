#include "controller/runtime/watch_cache.hpp"

#include "controller/api/core/pod.hpp"
#include "controller/clients/kube/api.hpp"
#include "libs/async/with_deadline.hpp"
#include "tests/integration/kube/config_map.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

namespace chatflow::runtime {
namespace {

using nlohmann::json;
using test::ConfigMap;
using test::KubeSession;
using test::TestControlPlane;
using testing::ElementsAre;
using namespace std::chrono_literals;

class WatchCaching : public testing::Test {
 protected:
    WatchCaching()
        : tasks_(session_.io().get_executor(),
                 [](const std::exception_ptr&) { ADD_FAILURE() << "the cache ended"; }) {}
    ~WatchCaching() override {
        tasks_.cancel();
        session_.run(tasks_.wait());
    }

    WatchCacheOptions options() const {
        return {.namespaces = {namespace_},
                .selection = {.field_selector = "metadata.name!=kube-root-ca.crt"},
                .loop = {.backoff = {.first = 20ms, .most = 200ms}}};
    }

    void put(const std::string& name, const std::string& value) {
        ConfigMap map{.metadata = {}, .data = {{"value", value}}};
        map.metadata.name = name;
        map.metadata.name_space = namespace_;
        kube::Api<ConfigMap> maps(session_.client(), namespace_);
        session_.run(maps.apply(map, {.field_manager = "tests"}, Deadline::after(20s)));
    }

    /// With connections of its own: ours do not know yet that the server has gone.
    void put_by_another(const std::string& name) {
        KubeSession other(TestControlPlane::shared().access());
        ConfigMap map{.metadata = {}, .data = {}};
        map.metadata.name = name;
        map.metadata.name_space = namespace_;
        kube::Api<ConfigMap> maps(other.client(), namespace_);
        other.run(maps.apply(map, {.field_manager = "tests"}, Deadline::after(20s)));
    }

    void wait_until(const char* what, const std::function<bool()>& condition) {
        const auto wait = [&]() -> awaitable<void> {
            while (!condition()) co_await session_.clock().sleep_for(5ms);
        };
        session_.run(with_deadline(wait(), Deadline::after(30s), what));
    }

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    prometheus::Registry registry_;
    RuntimeMetrics metrics_{registry_};
    Log log_{"test", LogLevel::Error};
    TaskGroup tasks_;
};

TEST_F(WatchCaching, KeepsOfAPodOnlyWhatScalingNeeds) {
    json pod = {{"apiVersion", "v1"},
                {"kind", "Pod"},
                {"metadata",
                 {{"name", "web-0"},
                  {"labels", {{"app", "web"}}},
                  {"annotations", {{"large", std::string(100'000, 'x')}}}}},
                {"spec",
                 {{"containers",
                   {{{"name", "main"},
                     {"image", "none"},
                     {"resources", {{"requests", {{"cpu", "100m"}}}}}}}}}}};
    const kube::Resource pods{.version = "v1", .plural = "pods", .name_space = namespace_};
    session_.run(session_.client().create(pods, pod, {}, Deadline::after(20s)));
    WatchCache<api::Pod> cache(session_.client(), session_.clock(), log_, metrics_,
                               {.namespaces = {namespace_}});
    tasks_.spawn(cache.run());
    wait_until("the cache having synced", [&] { return cache.has_synced(); });
    const auto kept = cache.store().find({namespace_, "web-0"});
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(kept->labels->at("app"), "web");
    EXPECT_EQ(kept->shape->containers.size(), 1U);
    EXPECT_TRUE(kept->metadata.annotations.empty());
    EXPECT_TRUE(kept->metadata.labels.empty()) << "they are kept once, for all pods alike";
}

TEST_F(WatchCaching, ARestartedServerMakesNoChangesOfItsOwn) {
    auto& plane = TestControlPlane::shared();
    if (!plane.is_ours()) GTEST_SKIP() << "the cluster is not ours to stop";
    put("one", "1");
    put("two", "2");
    WatchCache<ConfigMap> cache(session_.client(), session_.clock(), log_, metrics_, options());
    std::vector<std::string> changes;
    cache.store().on_change([&](const Change<ConfigMap>& change) {
        changes.push_back((change.after ? "" : "-") + change.key().name);
    });
    tasks_.spawn(cache.run());
    wait_until("two changes", [&] { return changes.size() == 2; });
    changes.clear();

    plane.stop_api_server(SIGKILL);
    plane.start_api_server();
    put_by_another("three");
    wait_until("the third", [&] { return cache.store().size() == 3; });
    EXPECT_THAT(changes, ElementsAre("three"));
}

TEST_F(WatchCaching, FollowsItsNamespacesAndNoOther) {
    const std::string first = namespace_;
    put("one", "1");
    namespace_ = session_.make_namespace();
    put("two", "2");
    WatchCacheOptions both = options();
    both.namespaces.insert(first);
    namespace_ = session_.make_namespace();
    put("three", "3");
    WatchCache<ConfigMap> cache(session_.client(), session_.clock(), log_, metrics_, both);
    tasks_.spawn(cache.run());
    wait_until("the cache having synced", [&] { return cache.has_synced(); });
    EXPECT_EQ(cache.store().size(), 2U);
}

}  // namespace
}  // namespace chatflow::runtime

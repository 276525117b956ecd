#include "controller/clients/kube/watcher.hpp"

#include "controller/clients/kube/api.hpp"
#include "tests/integration/kube/watch_session.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <csignal>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::kube {
namespace {

using test::ConfigMap;
using test::KubeSession;
using test::TestControlPlane;
using test::WatchSession;
using Objects = WatchSession::Objects;
using namespace std::chrono_literals;

/// The parameter: whether WatchList is used, or paged lists.
class WatcherOnApiServer : public testing::TestWithParam<bool> {
 protected:
    Watcher<ConfigMap>::Options options() const {
        return {.name_space = namespace_,
                .selection = {.field_selector = "metadata.name!=kube-root-ca.crt"},
                .loop = {.backoff = {.first = 20ms, .most = 200ms}, .use_watch_list = GetParam()}};
    }

    void put(const std::string& name, const std::string& value) {
        ConfigMap map{.metadata = {}, .data = {{"value", value}}};
        map.metadata.name = name;
        map.metadata.name_space = namespace_;
        const auto apply = [&] {
            session_.run(maps_.apply(map, {.field_manager = "tests"}, Deadline::after(20s)));
        };
        insist(apply);
    }

    void remove(const std::string& name) {
        const auto remove = [&] { session_.run(maps_.remove(name, {}, Deadline::after(20s))); };
        insist(remove);
    }

    /// Once more when a connection of before a restart turns out to be dead.
    template <class Write>
    static void insist(const Write& write) {
        for (int attempts = 1;; ++attempts) {
            try {
                return write();
            } catch (const clients::TransportError&) {
                if (attempts == kAttemptsMax) throw;
            }
        }
    }
    static constexpr int kAttemptsMax = 5;

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    Api<ConfigMap> maps_{session_.client(), namespace_};
};

INSTANTIATE_TEST_SUITE_P(BothWays, WatcherOnApiServer, testing::Bool(),
                         [](const auto& way) { return way.param ? "WatchList" : "PagedList"; });

TEST_P(WatcherOnApiServer, TellsWhatIsThereThenWhatChanges) {
    put("one", "1");
    WatchSession watch(session_, options());
    watch.wait_until_is({{"one", "1"}});
    put("two", "2");
    watch.wait_until_is({{"one", "1"}, {"two", "2"}});
    put("one", "changed");
    watch.wait_until_is({{"one", "changed"}, {"two", "2"}});
    remove("two");
    watch.wait_until_is({{"one", "changed"}});
    EXPECT_EQ(watch.syncs(), 1);
}

TEST_P(WatcherOnApiServer, AnEmptyCollectionIsSynced) {
    WatchSession watch(session_, options());
    watch.wait_until_is({});
    EXPECT_EQ(watch.syncs(), 1);
}

TEST_P(WatcherOnApiServer, GoesOnWithoutASyncWhenTheServerEndsAWatch) {
    auto short_watches = options();
    short_watches.loop.watch_least = short_watches.loop.watch_most = 1s;
    WatchSession watch(session_, short_watches);
    for (int step = 0; step < 3; ++step) {
        session_.run(session_.clock().sleep_for(600ms));
        put("one", std::to_string(step));
        watch.wait_until_is({{"one", std::to_string(step)}});
    }
    EXPECT_EQ(watch.syncs(), 1);
}

TEST_P(WatcherOnApiServer, LeavesOutWhatCannotBeReadAndGoesOn) {
    ConfigMap bad{.metadata = {}, .data = {}};
    bad.metadata.name = "bad";
    bad.metadata.name_space = namespace_;
    bad.data["unreadable"] = "yes";
    session_.run(session_.client().apply(resource_of<ConfigMap>(namespace_, "bad"),
                                         api::KindTraits<ConfigMap>::encode(bad),
                                         {.field_manager = "tests"}, Deadline::after(20s)));
    WatchSession watch(session_, options());
    watch.wait_until_is({});
    put("good", "1");
    watch.wait_until_is({{"good", "1"}});
}

TEST_P(WatcherOnApiServer, SeesWhatHappenedWhileTheServerWasAway) {
    auto& plane = TestControlPlane::shared();
    if (!plane.is_ours()) GTEST_SKIP() << "the cluster is not ours to stop";
    put("one", "1");
    put("two", "2");
    WatchSession watch(session_, options());
    watch.wait_until_is({{"one", "1"}, {"two", "2"}});
    plane.stop_api_server(GetParam() ? SIGKILL : SIGTERM);
    plane.start_api_server();
    remove("one");
    put("three", "3");
    watch.wait_until_is({{"three", "3"}, {"two", "2"}});
}

}  // namespace
}  // namespace chatflow::kube

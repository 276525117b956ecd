#include "controller/runtime/manager.hpp"

#include "controller/clients/cpprest_transport.hpp"
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
#include <unistd.h>

namespace chatflow::runtime {
namespace {

using test::ConfigMap;
using test::KubeSession;
using test::TestControlPlane;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

/// Notes what happens, in order.
using Story = std::vector<std::string>;

class NotingReconciler final : public Reconciler {
 public:
    NotingReconciler(Clock& clock, Story& story) : clock_(clock), story_(story) {}

    std::chrono::milliseconds takes{0};

    awaitable<Action> reconcile(api::ObjectKey key, Deadline, Log) override {
        story_.push_back("reconcile " + key.name);
        co_await clock_.sleep_for(takes);
        story_.push_back("reconciled " + key.name);
        co_return Action::await_change();
    }

 private:
    Clock& clock_;
    Story& story_;
};

class ManagerTest : public testing::Test {
 protected:
    ManagerTest() {
        controller_.watches<ConfigMap>(cache_.store(), any_change<ConfigMap>, to_itself<ConfigMap>);
        manager_.add_service("service", [this] { return serve(); });
        manager_.at_stop("last words", [this](Deadline) { return say_last_words(); });
        manager_.add_cache(cache_);
        manager_.add_controller(controller_);
        manager_.use_leader_election(elector_);
    }
    ~ManagerTest() override {
        manager_.request_stop();
        session_.run(tasks_.wait());
    }

    void start() { tasks_.spawn(manager_.run()); }

    awaitable<void> serve() {
        story_.push_back("service begins");
        struct Leave {
            ~Leave() { story.push_back("service ends"); }
            Story& story;
        };
        const Leave leave{story_};
        co_await session_.clock().sleep_for(1h);
    }
    awaitable<void> say_last_words() {
        story_.push_back("last words, lease of '" + (co_await lease()).holder_identity + "'");
    }

    awaitable<api::LeaseSpec> lease() {
        kube::Api<api::Lease> leases(session_.client(), namespace_);
        const auto found = co_await leases.get("leader", Deadline::after(10s));
        co_return found ? found->spec : api::LeaseSpec{};
    }

    void put(const std::string& name) {
        ConfigMap map{.metadata = {}, .data = {}};
        map.metadata.name = name;
        map.metadata.name_space = namespace_;
        kube::Api<ConfigMap> maps(session_.client(), namespace_);
        session_.run(maps.apply(map, {.field_manager = "tests"}, Deadline::after(20s)));
    }

    clients::HttpResponse page(std::uint16_t port, const std::string& target) {
        const auto transport = clients::make_cpprest_transport(
            {.base_url = "http://127.0.0.1:" + std::to_string(port), .tls = {}});
        return session_.run(transport->send({.target = target}, Deadline::after(10s)));
    }

    void wait_until(const char* what, const std::function<bool()>& condition) {
        const auto wait = [&]() -> awaitable<void> {
            while (!condition()) co_await session_.clock().sleep_for(5ms);
        };
        session_.run(with_deadline(wait(), Deadline::after(30s), what));
    }
    bool has_happened(const std::string& what) const { return std::ranges::contains(story_, what); }

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    Log log_{"test", LogLevel::Error};
    prometheus::Registry registry_;
    RuntimeMetrics metrics_{registry_};
    Story story_;
    std::exception_ptr failure_;
    NotingReconciler reconciler_{session_.clock(), story_};
    WatchCache<ConfigMap> cache_{
        session_.client(),
        session_.clock(),
        log_,
        metrics_,
        {.namespaces = {namespace_},
         .selection = {.field_selector = "metadata.name!=kube-root-ca.crt"}}};
    Controller controller_{
        session_.io().get_executor(), session_.clock(), log_, reconciler_, metrics_,
        {.name = "configmap"}};
    LeaderElector elector_{session_.client(),
                           session_.clock(),
                           log_,
                           metrics_,
                           {.name = "leader",
                            .name_space = namespace_,
                            .identity = "me",
                            .times = {.duration = 3s, .renew_deadline = 2s, .retry_period = 1s}}};
    Manager manager_{session_.io().get_executor(),
                     session_.clock(),
                     log_,
                     registry_,
                     {.health_address = "127.0.0.1",
                      .health_port = 0,
                      .metrics_address = "127.0.0.1",
                      .metrics_port = 0}};
    TaskGroup tasks_{session_.io().get_executor(),
                     [this](const std::exception_ptr& error) { failure_ = error; }};
};

TEST_F(ManagerTest, StartsAndStopsInOrderAndReleasesTheLeaseOnSigterm) {
    put("one");
    reconciler_.takes = 300ms;
    start();
    wait_until("a reconciliation", [&] { return has_happened("reconcile one"); });
    EXPECT_TRUE(cache_.has_synced());
    EXPECT_TRUE(elector_.is_leader());
    kill(getpid(), SIGTERM);
    session_.run(tasks_.wait());
    EXPECT_FALSE(failure_);
    EXPECT_THAT(story_, ElementsAre("service begins", "reconcile one", "reconciled one",
                                    "last words, lease of ''", "service ends"));
    EXPECT_EQ(session_.run(lease()).holder_identity, "");
}

TEST_F(ManagerTest, DoesNothingWhileAnotherLeads) {
    put("one");
    api::Lease other;
    other.metadata.name = "leader";
    other.metadata.name_space = namespace_;
    other.spec = {.holder_identity = "other", .lease_duration_seconds = 3600};
    kube::Api<api::Lease> leases(session_.client(), namespace_);
    session_.run(leases.create(other, {}, Deadline::after(10s)));
    start();
    wait_until("the holder being seen", [&] { return elector_.holder() == "other"; });
    session_.run(session_.clock().sleep_for(1500ms));
    EXPECT_THAT(story_, ElementsAre("service begins"));
    // It could take over at any moment.
    EXPECT_EQ(page(manager_.health_port(), "/readyz").status, 200);
    manager_.request_stop();
    session_.run(tasks_.wait());
    EXPECT_EQ(session_.run(lease()).holder_identity, "other");
}

TEST_F(ManagerTest, EndsAtOnceWhenTheLeaseIsLost) {
    put("one");
    reconciler_.takes = 1h;
    start();
    wait_until("a reconciliation", [&] { return has_happened("reconcile one"); });
    kube::Api<api::Lease> leases(session_.client(), namespace_);
    const nlohmann::json theft = {{"spec", {{"holderIdentity", "thief"}}}};
    session_.run(leases.merge_patch("leader", theft, {}, Deadline::after(10s)));
    session_.run(with_deadline(tasks_.wait(), Deadline::after(10s), "the manager ending"));
    ASSERT_TRUE(failure_);
    EXPECT_THROW(std::rethrow_exception(failure_), LeadershipLost);
    // What was under way is not finished, and nothing more is written.
    EXPECT_THAT(story_, ElementsAre("service begins", "reconcile one", "service ends"));
    EXPECT_EQ(session_.run(lease()).holder_identity, "thief");
}

TEST_F(ManagerTest, AServiceThatFailsEndsTheProcessAndFreesTheLease) {
    bool fails = false;
    manager_.add_service("broken", [&]() -> awaitable<void> {
        while (!fails) co_await session_.clock().sleep_for(5ms);
        throw std::runtime_error("the disk is gone");
    });
    start();
    wait_until("leadership", [&] { return elector_.is_leader(); });
    fails = true;
    session_.run(with_deadline(tasks_.wait(), Deadline::after(10s), "the manager ending"));
    ASSERT_TRUE(failure_);
    EXPECT_THROW(std::rethrow_exception(failure_), std::runtime_error);
    EXPECT_EQ(session_.run(lease()).holder_identity, "");
}

TEST_F(ManagerTest, SaysWhetherItIsAliveAndReady) {
    std::optional<std::string> why_not = "no database";
    manager_.add_ready_check({"database", [&] { return why_not; }});
    start();
    wait_until("the cache having synced", [&] { return cache_.has_synced(); });
    EXPECT_EQ(page(manager_.health_port(), "/healthz").status, 200);
    auto ready = page(manager_.health_port(), "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.body, "database: no database\n");
    ready = page(manager_.health_port(), "/readyz?verbose");
    EXPECT_THAT(ready.body, HasSubstr(R"({"name":"cache/configmaps","ready":true})"));
    why_not.reset();
    EXPECT_EQ(page(manager_.health_port(), "/readyz").status, 200);
}

TEST_F(ManagerTest, IsNotReadyBeforeItsCachesHaveSynced) {
    struct Unreachable final : Cache {
        std::string name() const override { return "unreachable"; }
        bool has_synced() const override { return false; }
        awaitable<void> run() override { co_return; }
    } cache;
    manager_.add_cache(cache);
    put("one");
    start();
    wait_until("the other cache", [&] { return cache_.has_synced(); });
    EXPECT_THAT(page(manager_.health_port(), "/readyz").body, HasSubstr("cache/unreachable"));
    EXPECT_FALSE(has_happened("reconcile one"));
    manager_.request_stop();
    session_.run(tasks_.wait());
}

TEST_F(ManagerTest, ShowsItsMetrics) {
    put("one");
    manager_.at_scrape([] {
        return [left = 3]() mutable {
            return left > 0 ? "more{piece=\"" + std::to_string(left--) + "\"} 1\n" : std::string();
        };
    });
    start();
    wait_until("a reconciliation", [&] { return has_happened("reconciled one"); });
    const auto metrics = page(manager_.metrics_port(), "/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_THAT(*clients::find_header(metrics.headers, "Content-Type"),
                HasSubstr("text/plain; version=0.0.4"));
    for (const char* sample :
         {"controller_runtime_reconcile_total{controller=\"configmap\",result=\"success\"} 1",
          "workqueue_adds_total{controller=\"configmap\",name=\"configmap\"} 1",
          "leader_election_master_status{name=\"leader\"} 1",
          "chatflow_cache_objects{kind=\"configmaps\"} 1", "process_resident_memory_bytes ",
          "more{piece=\"3\"} 1\nmore{piece=\"2\"} 1\nmore{piece=\"1\"} 1\n"}) {
        EXPECT_THAT(metrics.body, HasSubstr(sample));
    }
}

}  // namespace
}  // namespace chatflow::runtime

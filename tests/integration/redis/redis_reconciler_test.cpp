// The reconciler against a real API server. No pods run there: their addresses are on loopback and
// refuse at once.
#include "controller/reconcilers/redis/redis_reconciler.hpp"

#include "controller/runtime/watch_cache.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/base64.hpp"
#include "tests/integration/redis/scripted_node.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

Deadline soon() { return Deadline::after(20s); }

/// Goes on by itself, and by as much as a test says.
class SteppedClock final : public Clock {
 public:
    [[nodiscard]] TimePoint now() const override { return real_.now() + ahead_; }
    [[nodiscard]] awaitable<void> sleep_for(std::chrono::steady_clock::duration time) override {
        return real_.sleep_for(time);
    }
    void step(std::chrono::seconds by) { ahead_ += by; }

 private:
    SystemClock real_;
    std::chrono::seconds ahead_{0};
};

class RedisReconcilerTest : public testing::Test {
 protected:
    RedisReconcilerTest() : session_(test::TestControlPlane::shared().access()) {
        session_.apply_crd("redistopologies");
        name_space_ = session_.make_namespace();
        tasks_.spawn(cache_.run());
    }
    ~RedisReconcilerTest() override {
        tasks_.cancel();
        session_.run(tasks_.wait());
    }

    void create(const std::string& spec) {
        session_.apply_yaml(
            fmt::format("apiVersion: chatflow.dev/v1alpha1\nkind: RedisTopology\n"
                        "metadata: {{name: queue, namespace: {}}}\nspec: {}\n",
                        name_space_, spec));
        wait_for_generation(1);
    }
    void wait_for_generation(std::int64_t generation) {
        const auto deadline = soon();
        for (;;) {
            const auto found = cache_.store().find({name_space_, "queue"});
            if (found && found->metadata.generation >= generation) return;
            if (deadline.has_passed()) throw std::runtime_error("the cache does not see it");
            session_.run(session_.clock().sleep_for(20ms));
        }
    }
    void reconcile(int times = 1) {
        for (int i = 0; i < times; ++i) {
            session_.run(reconciler_.reconcile({name_space_, "queue"}, soon(),
                                               Log("test", LogLevel::Error)));
        }
    }

    kube::Resource resource(const std::string& group, const std::string& plural,
                            const std::string& name = {}, const std::string& subresource = {}) {
        return {.group = group,
                .version = group == "chatflow.dev" ? "v1alpha1" : "v1",
                .plural = plural,
                .name_space = name_space_,
                .name = name,
                .subresource = subresource};
    }
    json get(const std::string& group, const std::string& plural, const std::string& name,
             const std::string& subresource = {}) {
        const auto found =
            session_.run(session_.client().get(resource(group, plural, name, subresource), soon()));
        return found.value_or(json());
    }
    void merge(const kube::Resource& of, const json& patch) {
        session_.run(session_.client().merge_patch(of, patch, {}, soon()));
    }
    void remove(const std::string& plural, const std::string& name) {
        session_.run(session_.client().remove(resource("", plural, name), {}, soon()));
    }
    void add_claim(const std::string& name) {
        session_.apply_yaml(fmt::format(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: {}, namespace: {}, "
            "labels: {{chatflow.dev/redis: queue, chatflow.dev/redis-part: node}}}}\n"
            "spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}\n",
            name, name_space_));
    }
    std::vector<std::string> notes_of(const std::string& reason) {
        session_.run(events_.flush(soon()));
        std::vector<std::string> notes;
        kube::ListSink sink{.item =
                                [&](json& event) {
                                    if (event["reason"] == reason) notes.push_back(event["note"]);
                                },
                            .restart = [] {}};
        session_.run(session_.client().list(resource("events.k8s.io", "events"), {},
                                            std::move(sink), soon()));
        return notes;
    }
    json topology() { return get("chatflow.dev", "redistopologies", "queue"); }
    json condition(const std::string& type) {
        const json object = topology();
        for (const json& one : object["status"]["conditions"]) {
            if (one["type"] == type) return one;
        }
        return {};
    }

    /// Of all that the topology consists of, and of itself.
    std::map<std::string, std::string> versions() {
        std::map<std::string, std::string> found;
        const std::pair<const char*, const char*> kinds[] = {
            {"", "services"},
            {"", "configmaps"},
            {"", "secrets"},
            {"", "serviceaccounts"},
            {"", "persistentvolumeclaims"},
            {"apps", "statefulsets"},
            {"batch", "jobs"},
            {"policy", "poddisruptionbudgets"},
            {"networking.k8s.io", "networkpolicies"},
            {"discovery.k8s.io", "endpointslices"},
            {"rbac.authorization.k8s.io", "roles"},
            {"rbac.authorization.k8s.io", "rolebindings"},
            {"chatflow.dev", "redistopologies"}};
        for (const auto& [group, plural] : kinds) {
            kube::ListSink sink{.item =
                                    [&found, plural](json& object) {
                                        const std::string name = object["metadata"]["name"];
                                        found[fmt::format("{}/{}", plural, name)] =
                                            object["metadata"]["resourceVersion"];
                                    },
                                .restart = [] {}};
            session_.run(
                session_.client().list(resource(group, plural), {}, std::move(sink), soon()));
        }
        return found;
    }

    test::KubeSession session_;
    SteppedClock clock_;
    Log log_{"test", LogLevel::Error};
    prometheus::Registry registry_;
    runtime::RuntimeMetrics runtime_metrics_{registry_};
    RedisMetrics metrics_{registry_};
    runtime::WatchCache<api::RedisTopology> cache_{session_.client(), session_.clock(), log_,
                                                   runtime_metrics_};
    runtime::EventRecorder events_{
        session_.io().get_executor(), session_.client(), session_.clock(), log_, runtime_metrics_,
        {.instance = "test"}};
    RedisReconciler reconciler_{{.topologies = cache_.store(),
                                 .kube = session_.client(),
                                 .events = events_,
                                 .clock = clock_,
                                 .metrics = metrics_,
                                 .image = "redis-ha"}};
    TaskGroup tasks_{session_.io().get_executor(), [](const std::exception_ptr&) {}};
    std::string name_space_;
};

TEST_F(RedisReconcilerTest, AHundredLooksThatFindNothingNewChangeNothing) {
    create(
        "{tls: {enabled: true}, backup: {schedule: '0 3 * * *'}, users: [{name: reports, rules: "
        "'~r:* +@read'}]}");
    reconcile(6);
    const auto before = versions();
    EXPECT_TRUE(before.contains("statefulsets/queue"));
    EXPECT_TRUE(before.contains("statefulsets/queue-sentinel"));
    EXPECT_TRUE(before.contains("secrets/queue-tls"));
    for (int i = 0; i < 100; ++i) {
        clock_.step(7s);  // past the time after which all objects are applied again
        reconcile();
    }
    EXPECT_EQ(versions(), before);
}

TEST_F(RedisReconcilerTest, ScalesByItsSubresource) {
    create("{replicas: 2}");
    reconcile(3);
    EXPECT_EQ(get("apps", "statefulsets", "queue")["spec"]["replicas"], 3);
    const json scale = get("chatflow.dev", "redistopologies", "queue", "scale");
    EXPECT_EQ(scale["spec"]["replicas"], 2);
    EXPECT_EQ(scale["status"]["selector"],
              "chatflow.dev/redis=queue,chatflow.dev/redis-role=replica");
    const json patch = {{"spec", {{"replicas", 4}}}};
    session_.run(session_.client().merge_patch(
        resource("chatflow.dev", "redistopologies", "queue", "scale"), patch, {}, soon()));
    wait_for_generation(2);
    reconcile(3);
    EXPECT_EQ(topology()["spec"]["replicas"], 4);
    EXPECT_EQ(get("apps", "statefulsets", "queue")["spec"]["replicas"], 5);
}

TEST_F(RedisReconcilerTest, AddressesOfSentinelsGoWithThem) {
    create("{sentinel: {instances: 5, quorum: 3}}");
    reconcile(2);
    EXPECT_FALSE(get("", "services", "queue-sentinel-4").is_null());
    const json patch = {{"spec", {{"sentinel", {{"instances", 3}, {"quorum", 2}}}}}};
    session_.run(session_.client().merge_patch(resource("chatflow.dev", "redistopologies", "queue"),
                                               patch, {}, soon()));
    wait_for_generation(2);
    reconcile(2);
    EXPECT_TRUE(get("", "services", "queue-sentinel-4").is_null());
    EXPECT_FALSE(get("", "services", "queue-sentinel-2").is_null());
}

TEST_F(RedisReconcilerTest, WhilePausedNothingIsWrittenButTheStatus) {
    create("{users: [{name: reports, rules: '~r:* +@read'}]}");
    reconcile(4);
    auto before = versions();
    const json patch = {{"spec", {{"paused", true}, {"replicas", 4}, {"networkPolicy", false}}}};
    session_.run(session_.client().merge_patch(resource("chatflow.dev", "redistopologies", "queue"),
                                               patch, {}, soon()));
    wait_for_generation(2);
    for (int i = 0; i < 5; ++i) {
        clock_.step(70s);
        reconcile();
    }
    auto after = versions();
    before.erase("redistopologies/queue");
    after.erase("redistopologies/queue");
    EXPECT_EQ(after, before);
    EXPECT_EQ(condition("Reconciling")["reason"], "Paused");
}

TEST_F(RedisReconcilerTest, HibernationKeepsVolumesAndNodesAndAlertsNobody) {
    const auto gauge = [this](const std::string& name) -> std::optional<double> {
        for (const auto& family : registry_.Collect()) {
            if (family.name == name && !family.metric.empty()) {
                return family.metric.front().gauge.value;
            }
        }
        return std::nullopt;
    };
    const auto change = [this](const json& spec, std::int64_t generation) {
        const json patch = {{"spec", spec}};
        session_.run(session_.client().merge_patch(
            resource("chatflow.dev", "redistopologies", "queue"), patch, {}, soon()));
        wait_for_generation(generation);
        reconcile(2);
        return get("apps", "statefulsets", "queue")["spec"];
    };
    create("{}");
    reconcile(2);
    EXPECT_EQ(gauge("chatflow_redis_writable"), 0);
    EXPECT_EQ(gauge("chatflow_redis_sentinels_wanted"), 3);
    const json asleep = change({{"hibernated", true}}, 2);
    EXPECT_EQ(asleep["replicas"], 0);
    EXPECT_EQ(asleep["persistentVolumeClaimRetentionPolicy"]["whenScaled"], "Retain");
    EXPECT_EQ(gauge("chatflow_redis_writable"), std::nullopt);
    EXPECT_EQ(gauge("chatflow_redis_sentinels_wanted"), 0);
    EXPECT_EQ(gauge("chatflow_redis_replicas_wanted"), 0);
    EXPECT_EQ(change({{"replicas", 1}}, 3)["replicas"], 0);
    const json awake = change({{"hibernated", false}}, 4);
    EXPECT_EQ(awake["replicas"], 3) << "any of them may be the master";
    EXPECT_EQ(awake["persistentVolumeClaimRetentionPolicy"]["whenScaled"], "Delete");
}

TEST_F(RedisReconcilerTest, TheNetworkPolicyGoesWhenItIsNotWanted) {
    create("{}");
    reconcile();
    EXPECT_FALSE(get("networking.k8s.io", "networkpolicies", "queue-redis").is_null());
    const json patch = {{"spec", {{"networkPolicy", false}}}};
    session_.run(session_.client().merge_patch(resource("chatflow.dev", "redistopologies", "queue"),
                                               patch, {}, soon()));
    wait_for_generation(2);
    reconcile();
    EXPECT_TRUE(get("networking.k8s.io", "networkpolicies", "queue-redis").is_null());
}

TEST_F(RedisReconcilerTest, ServersWaitForTheirCertificateAndItIsGoodForTheirAddresses) {
    create("{tls: {enabled: true}}");
    reconcile();
    EXPECT_TRUE(get("apps", "statefulsets", "queue").is_null());
    reconcile(3);
    EXPECT_FALSE(get("apps", "statefulsets", "queue").is_null());
    EXPECT_EQ(condition("CertificateValid")["reason"], "Valid");
    const json secret = get("", "secrets", "queue-tls");
    const std::string pem = decode_base64(secret["data"]["tls.crt"].get<std::string>()).value();
    const std::string address = get("", "services", "queue-2")["spec"]["clusterIP"];
    EXPECT_THAT(certificates::facts_of(pem)->names, testing::Contains(address));
    EXPECT_THAT(topology().dump(), testing::Not(HasSubstr("PRIVATE")));

    // Weeks later it is renewed, and Sentinels are given a reason to restart.
    const auto before = get("apps", "statefulsets", "queue-sentinel");
    const auto nodes = get("apps", "statefulsets", "queue");
    clock_.step(std::chrono::days{20});
    reconcile(3);
    EXPECT_NE(get("", "secrets", "queue-tls")["data"]["tls.crt"], secret["data"]["tls.crt"]);
    EXPECT_EQ(get("", "secrets", "queue-tls")["data"]["ca.crt"], secret["data"]["ca.crt"]);
    EXPECT_NE(get("apps", "statefulsets", "queue-sentinel")["metadata"]["generation"],
              before["metadata"]["generation"]);
    EXPECT_EQ(get("apps", "statefulsets", "queue")["metadata"]["generation"],
              nodes["metadata"]["generation"]);
}

TEST_F(RedisReconcilerTest, AnotherAuthorityInASecretOfTheUsersIsTrustedBesideTheOneBefore) {
    const auto make = [this] {
        const TimePoint now = clock_.now();
        const auto authority = certificates::make_authority("mine", {now - 1min, now + 24h});
        const auto server = certificates::issue(authority, {"queue-rw." + name_space_ + ".svc"},
                                                {now - 1min, now + 24h});
        const json secret = {{"apiVersion", "v1"},
                             {"kind", "Secret"},
                             {"metadata", {{"name", "mine"}, {"namespace", name_space_}}},
                             {"stringData",
                              {{"tls.crt", server.certificate},
                               {"tls.key", server.key},
                               {"ca.crt", authority.certificate}}}};
        session_.run(session_.client().apply(resource("", "secrets", "mine"), secret,
                                             {.field_manager = "user", .force = true}, soon()));
        return authority.certificate;
    };
    const std::string first = make();
    create("{tls: {enabled: true, existingSecret: mine}}");
    reconcile(2);
    const std::string second = make();
    reconcile(2);
    const json kept = get("", "secrets", "queue-ca");
    ASSERT_FALSE(kept.is_null());
    EXPECT_EQ(decode_base64(kept["data"]["ca.crt"].get<std::string>()), second + first);
    EXPECT_FALSE(kept["data"].contains("tls.key"));
}

TEST_F(RedisReconcilerTest, ATopologyFromABackupHasNoNodesBeforeItsFirstData) {
    create("{bootstrap: {fromBackup: {topology: old, name: 20261121-030000}}}");
    reconcile(3);
    EXPECT_TRUE(get("apps", "statefulsets", "queue").is_null());
    EXPECT_FALSE(get("", "persistentvolumeclaims", "data-queue-0").is_null());
    EXPECT_EQ(condition("Restored")["reason"], "Restoring");
    EXPECT_EQ(condition("Ready")["reason"], "Restoring");
    json job = get("batch", "jobs", "queue-restore");
    ASSERT_FALSE(job.is_null());

    // As the job controller says it.
    const json done = {{"type", "Complete"}, {"status", "True"}};
    const json criteria = {{"type", "SuccessCriteriaMet"}, {"status", "True"}};
    const std::string at = format_rfc3339(session_.clock().now());
    const json patch = {{"status",
                         {{"startTime", at},
                          {"completionTime", at},
                          {"succeeded", 1},
                          {"conditions", json::array({criteria, done})}}}};
    session_.run(session_.client().merge_patch(resource("batch", "jobs", "queue-restore", "status"),
                                               patch, {}, soon()));
    reconcile(2);
    EXPECT_FALSE(get("apps", "statefulsets", "queue").is_null());
    EXPECT_EQ(condition("Restored")["status"], "True");
}

TEST_F(RedisReconcilerTest, SaysWhichVolumesOfAnEarlierTopologyItBeginsWith) {
    add_claim("data-queue-0");
    add_claim("data-queue-4");
    create("{}");
    reconcile(2);
    EXPECT_THAT(notes_of("Begins"),
                testing::ElementsAre("It begins with the data of an earlier topology of this name, "
                                     "in data-queue-0. No node takes data-queue-4."));
}

TEST_F(RedisReconcilerTest, SaysThatItBeginsEmpty) {
    create("{}");
    reconcile(3);
    EXPECT_THAT(notes_of("Begins"), testing::ElementsAre(HasSubstr("it begins empty")));
}

TEST_F(RedisReconcilerTest, APasswordWhoseSecretIsDeletedIsWrittenAgain) {
    create("{}");
    reconcile(2);
    const json before = get("", "secrets", "queue-auth")["data"];
    remove("secrets", "queue-auth");
    reconcile(2);
    EXPECT_EQ(get("", "secrets", "queue-auth")["data"], before);
}

TEST_F(RedisReconcilerTest, TheFileOfAccountsIsWrittenAgain) {
    create("{users: [{name: reports, rules: '~r:* +@read'}]}");
    reconcile(2);
    remove("configmaps", "queue-users");
    clock_.step(70s);
    reconcile();
    EXPECT_FALSE(get("", "configmaps", "queue-users").is_null());
}

TEST_F(RedisReconcilerTest, AddressesThatAnOperatorBeforeLeftAreRemoved) {
    create("{replicas: 3}");
    reconcile(2);
    EXPECT_FALSE(get("", "services", "queue-3").is_null());
    // It has scaled down and ended before it removed the address.
    merge(resource("chatflow.dev", "redistopologies", "queue"), {{"spec", {{"replicas", 1}}}});
    merge(resource("apps", "statefulsets", "queue"), {{"spec", {{"replicas", 2}}}});
    wait_for_generation(2);
    RedisReconciler next({.topologies = cache_.store(),
                          .kube = session_.client(),
                          .events = events_,
                          .clock = clock_,
                          .metrics = metrics_,
                          .image = "redis-ha"});
    session_.run(next.reconcile({name_space_, "queue"}, soon(), Log("test", LogLevel::Error)));
    EXPECT_TRUE(get("", "services", "queue-3").is_null());
    EXPECT_FALSE(get("", "services", "queue-1").is_null());
}

TEST_F(RedisReconcilerTest, ASentinelThatRefusesItsTimesIsToldInTheStatus) {
    create("{}");
    reconcile(2);
    const std::string address = get("", "services", "queue-sentinel-0")["spec"]["clusterIP"];
    const std::string node = get("", "services", "queue-0")["spec"]["clusterIP"];
    const auto word = [](const std::string& text) {
        return fmt::format("${}\r\n{}\r\n", text.size(), text);
    };
    const auto answer = [&](const redis::Reply& command) -> std::string {
        if (command[0].text() != "SENTINEL") return "+OK\r\n";  // AUTH, PING
        if (command[1].text() == "REPLICAS") return "*0\r\n";
        if (command[1].text() != "MASTER") return "-ERR not now\r\n";
        return "*6\r\n" + word("ip") + word(node) + word("port") + word("6379") + word("quorum") +
               word("1");
    };
    const test::ScriptedNode sentinel(answer, address, 26379);
    reconcile();
    EXPECT_EQ(condition("ConfigApplied")["reason"], "StepFailed");
    EXPECT_THAT(condition("ConfigApplied")["message"].get<std::string>(), HasSubstr("not now"));
    EXPECT_EQ(topology()["status"]["sentinels"]["summary"], "1/3");
}

}  // namespace
}  // namespace chatflow

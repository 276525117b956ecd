#include "controller/clients/kube/client.hpp"

#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <csignal>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::kube {
namespace {

using nlohmann::json;
using test::KubeSession;
using test::TestControlPlane;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

json config_map(const std::string& name, json data = json::object()) {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata", {{"name", name}}},
            {"data", std::move(data)}};
}

class KubeClient : public testing::Test {
 protected:
    Deadline soon() const { return Deadline::after(20s); }

    Resource config_maps(std::string name = {}) const {
        return {.version = "v1",
                .plural = "configmaps",
                .name_space = namespace_,
                .name = std::move(name)};
    }

    json create(const std::string& name, json data = json::object()) {
        return session_.run(client_.create(config_maps(), config_map(name, std::move(data)),
                                           {.field_manager = "tests"}, soon()));
    }

    std::optional<json> find(const std::string& name) {
        return session_.run(client_.get(config_maps(name), soon()));
    }

    template <class T>
    ApiError refusal_of(awaitable<T> call) {
        try {
            session_.run(std::move(call));
        } catch (const ApiError& refusal) {
            return refusal;
        }
        ADD_FAILURE() << "the API server did not refuse";
        return ApiError({});
    }

    KubeSession session_{TestControlPlane::shared().access()};
    Client& client_ = session_.client();
    std::string namespace_ = session_.make_namespace();
};

TEST_F(KubeClient, ReadsWhatItCreated) {
    create("one", {{"colour", "blue"}});
    const auto found = find("one");
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)["data"]["colour"], "blue");
    EXPECT_FALSE((*found)["metadata"]["uid"].get<std::string>().empty());
}

TEST_F(KubeClient, FindsNothingWhereNothingIs) { EXPECT_FALSE(find("missing")); }

TEST_F(KubeClient, ReadsTheVersion) {
    const json version = session_.run(client_.raw_get("/version", soon()));
    EXPECT_EQ(version["major"], "1");
}

TEST_F(KubeClient, ReadsTextThatIsNotJson) {
    EXPECT_EQ(session_.run(client_.raw_text("/readyz", soon())), "ok");
}

TEST_F(KubeClient, RefusesToCreateTheSameObjectTwice) {
    create("one");
    const auto refusal = refusal_of(client_.create(config_maps(), config_map("one"), {}, soon()));
    EXPECT_TRUE(refusal.already_exists());
    EXPECT_EQ(refusal.code(), 409);
}

TEST_F(KubeClient, DryRunLeavesNothing) {
    session_.run(client_.create(config_maps(), config_map("one"),
                                {.field_manager = "tests", .dry_run = true}, soon()));
    EXPECT_FALSE(find("one"));
}

TEST_F(KubeClient, UpdateWithAnOldResourceVersionIsAConflict) {
    json object = create("one", {{"count", "0"}});
    json first = object;
    first["data"]["count"] = "1";
    session_.run(client_.update(config_maps("one"), first, {}, soon()));
    object["data"]["count"] = "2";
    const auto refusal = refusal_of(client_.update(config_maps("one"), object, {}, soon()));
    EXPECT_TRUE(refusal.is_conflict());
    EXPECT_EQ((*find("one"))["data"]["count"], "1");
}

TEST_F(KubeClient, OfTwoHoldersOfALeaseOneGetsTheConflict) {
    const Resource leases{.group = "coordination.k8s.io",
                          .version = "v1",
                          .plural = "leases",
                          .name_space = namespace_};
    const json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                        {"kind", "Lease"},
                        {"metadata", {{"name", "leader"}}},
                        {"spec", {{"holderIdentity", ""}, {"leaseDurationSeconds", 15}}}};
    json seen = session_.run(client_.create(leases, lease, {}, soon()));
    Resource leader = leases;
    leader.name = "leader";
    json a = seen;
    a["spec"]["holderIdentity"] = "a";
    json b = seen;
    b["spec"]["holderIdentity"] = "b";
    session_.run(client_.update(leader, a, {}, soon()));
    EXPECT_TRUE(refusal_of(client_.update(leader, b, {}, soon())).is_conflict());
    seen = *session_.run(client_.get(leader, soon()));
    EXPECT_EQ(seen["spec"]["holderIdentity"], "a");
}

TEST_F(KubeClient, MergePatchChangesOnlyWhatItNames) {
    create("one", {{"a", "1"}, {"b", "2"}});
    const json patch = {{"data", {{"a", nullptr}, {"c", "3"}}}};
    session_.run(client_.merge_patch(config_maps("one"), patch, {}, soon()));
    EXPECT_EQ((*find("one"))["data"], (json{{"b", "2"}, {"c", "3"}}));
}

TEST_F(KubeClient, AppliesWhatIsNotThereYet) {
    session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", "1"}}),
                               {.field_manager = "ours"}, soon()));
    EXPECT_EQ((*find("one"))["data"]["a"], "1");
}

TEST_F(KubeClient, ApplyingTheSameAgainChangesNothing) {
    const auto apply = [this] {
        return session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", "1"}}),
                                          {.field_manager = "ours"}, soon()));
    };
    const json first = apply();
    const json second = apply();
    EXPECT_EQ(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
}

TEST_F(KubeClient, ApplyingAFieldOfAnotherManagerIsAConflictThatNamesIt) {
    session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", "1"}}),
                               {.field_manager = "theirs"}, soon()));
    const auto refusal = refusal_of(client_.apply(
        config_maps("one"), config_map("one", {{"a", "2"}}), {.field_manager = "ours"}, soon()));
    EXPECT_TRUE(refusal.is_conflict());
    ASSERT_EQ(refusal.causes().size(), 1U);
    EXPECT_EQ(refusal.causes()[0].reason, "FieldManagerConflict");
    EXPECT_EQ(refusal.causes()[0].field, ".data.a");
    EXPECT_THAT(refusal.causes()[0].message, HasSubstr("theirs"));
    EXPECT_EQ((*find("one"))["data"]["a"], "1");
}

TEST_F(KubeClient, ForcedApplyTakesTheFieldOver) {
    session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", "1"}, {"b", "1"}}),
                               {.field_manager = "theirs"}, soon()));
    session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", "2"}}),
                               {.field_manager = "ours", .force = true}, soon()));
    EXPECT_EQ((*find("one"))["data"], (json{{"a", "2"}, {"b", "1"}}));
}

TEST_F(KubeClient, AppliesTextWithAnyCharacters) {
    const std::string text =
        "tab\t \"quotes\" back\\slash ünï 😀 \x7f \u0085 \u2028 {a: b} # no comment";
    session_.run(client_.apply(config_maps("one"), config_map("one", {{"a", text}}),
                               {.field_manager = "ours"}, soon()));
    EXPECT_EQ((*find("one"))["data"]["a"], text);
}

TEST_F(KubeClient, AppliesTheStatusAlone) {
    const Resource pods{.version = "v1", .plural = "pods", .name_space = namespace_};
    const json pod = {{"apiVersion", "v1"},
                      {"kind", "Pod"},
                      {"metadata", {{"name", "one"}}},
                      {"spec", {{"containers", {{{"name", "main"}, {"image", "none"}}}}}}};
    session_.run(client_.create(pods, pod, {}, soon()));
    Resource status = pods;
    status.name = "one";
    status.subresource = "status";
    const json wanted = {{"apiVersion", "v1"},
                         {"kind", "Pod"},
                         {"metadata", {{"name", "one"}}},
                         {"status", {{"phase", "Running"}}}};
    const json after = session_.run(
        client_.apply(status, wanted, {.field_manager = "ours", .force = true}, soon()));
    EXPECT_EQ(after["status"]["phase"], "Running");
    EXPECT_EQ(after["spec"]["containers"][0]["image"], "none");
}

TEST_F(KubeClient, ScalesThroughTheScaleSubresource) {
    const Resource deployments{
        .group = "apps", .version = "v1", .plural = "deployments", .name_space = namespace_};
    const json labels = {{"app", "web"}};
    const json pod_spec = {{"containers", {{{"name", "main"}, {"image", "none"}}}}};
    const json deployment = {
        {"apiVersion", "apps/v1"},
        {"kind", "Deployment"},
        {"metadata", {{"name", "web"}}},
        {"spec",
         {{"replicas", 2},
          {"selector", {{"matchLabels", labels}}},
          {"template", {{"metadata", {{"labels", labels}}}, {"spec", pod_spec}}}}}};
    session_.run(client_.create(deployments, deployment, {}, soon()));
    Resource scale = deployments;
    scale.name = "web";
    scale.subresource = "scale";
    const json patch = {{"spec", {{"replicas", 5}}}};
    session_.run(client_.merge_patch(scale, patch, {.field_manager = "scaler"}, soon()));
    const auto scaled = session_.run(client_.get(scale, soon()));
    EXPECT_EQ((*scaled)["spec"]["replicas"], 5);
}

TEST_F(KubeClient, RefusalsNameTheFields) {
    json bad = config_map("Not A Name");
    const auto refusal = refusal_of(client_.create(config_maps(), bad, {}, soon()));
    EXPECT_TRUE(refusal.is_invalid());
    ASSERT_FALSE(refusal.causes().empty());
    EXPECT_EQ(refusal.causes()[0].field, "metadata.name");
}

TEST_F(KubeClient, DeletesAndSaysWhetherThereWasAnything) {
    create("one");
    EXPECT_TRUE(session_.run(client_.remove(config_maps("one"), {}, soon())));
    EXPECT_FALSE(session_.run(client_.remove(config_maps("one"), {}, soon())));
    EXPECT_FALSE(find("one"));
}

TEST_F(KubeClient, DeletesOnlyTheObjectThatWasMeant) {
    const json object = create("one");
    const DeleteOptions other_uid{.uid = "00000000-0000-0000-0000-000000000000"};
    EXPECT_TRUE(refusal_of(client_.remove(config_maps("one"), other_uid, soon())).is_conflict());
    const DeleteOptions old_version{.resource_version = "1"};
    EXPECT_TRUE(refusal_of(client_.remove(config_maps("one"), old_version, soon())).is_conflict());
    EXPECT_TRUE(find("one"));
    const DeleteOptions this_one{.uid = object["metadata"]["uid"]};
    EXPECT_TRUE(session_.run(client_.remove(config_maps("one"), this_one, soon())));
}

TEST_F(KubeClient, ListsWhatASelectorSelects) {
    for (const char* name : {"one", "two"}) {
        json object = config_map(name);
        object["metadata"]["labels"] = {{"number", name}};
        session_.run(client_.create(config_maps(), object, {}, soon()));
    }
    std::vector<std::string> names;
    ListSink sink{.item = [&](json& item) { names.push_back(item["metadata"]["name"]); },
                  .restart = [&] { names.clear(); }};
    session_.run(
        client_.list(config_maps(), {.label_selector = "number in (two,three)"}, sink, soon()));
    EXPECT_THAT(names, ElementsAre("two"));
}

TEST_F(KubeClient, ListsMoreThanAPage) {
    constexpr int kObjects = Client::kPageItems + 10;
    for (int i = 0; i < kObjects; ++i) create("map-" + std::to_string(i));
    std::set<std::string> names;
    ListSink sink{.item = [&](json& item) { names.insert(item["metadata"]["name"]); },
                  .restart = [&] { names.clear(); }};
    session_.run(client_.list(config_maps(), {.field_selector = "metadata.name!=kube-root-ca.crt"},
                              sink, soon()));
    EXPECT_EQ(names.size(), std::size_t{kObjects});
}

TEST_F(KubeClient, AWatchFromBeforeTheServersMemoryIsGone) {
    auto& plane = TestControlPlane::shared();
    if (!plane.is_ours()) GTEST_SKIP() << "the cluster is not ours to stop";
    create("one");
    plane.stop_api_server(SIGKILL);
    plane.start_api_server();  // it remembers nothing of before
    const auto read_one = [this]() -> awaitable<void> {
        auto stream = co_await client_.watch(
            config_maps(), {.resource_version = "1", .idle_timeout = std::chrono::seconds(20)});
        co_await stream.next();
    };
    EXPECT_TRUE(refusal_of(read_one()).is_gone());
}

}  // namespace
}  // namespace chatflow::kube

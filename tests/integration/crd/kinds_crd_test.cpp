// What a real API server refuses of each kind: every invalid sample of tests/testdata, and changes
// that transition rules forbid.
#include "controller/api/yaml.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/kube/client.hpp"
#include "tests/support/files.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using nlohmann::json;
using test::KubeSession;
using test::text_of;
using testing::HasSubstr;

struct Kind {
    std::string plural;
    std::string samples;  // a folder of tests/testdata
};
const Kind kPostgres{"postgrestopologies", "postgrestopology"};
const Kind kRedis{"redistopologies", "redistopology"};

// Of rules that CEL cannot say.
const std::set<std::string> kToldByTheOperator{"schedule-never.yaml"};

std::vector<fs::path> samples(const Kind& kind, const char* folder) {
    return test::files_of(fs::path("tests/testdata") / kind.samples / folder);
}

json document(const fs::path& sample) { return api::parse_yaml(text_of(sample)).value().at(0); }

/// The field that the sample's first line names.
std::string field_of(const fs::path& sample) {
    const std::string sentence = test::expected_of(sample);
    return sentence.substr(0, sentence.find(": "));
}

class KindsCrd : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        session_ = std::make_unique<KubeSession>(test::TestControlPlane::shared().access());
        for (const Kind& kind : {kPostgres, kRedis}) session_->apply_crd(kind.plural);
        name_space_ = session_->make_namespace();
    }
    static void TearDownTestSuite() { session_.reset(); }

    static kube::Resource at(const Kind& kind, std::string name) {
        return {.group = "chatflow.dev",
                .version = "v1alpha1",
                .plural = kind.plural,
                .name_space = name_space_,
                .name = std::move(name),
                .subresource = ""};
    }

    /// Empty, or what the API server says against it.
    template <class Result>
    static std::string refusal(awaitable<Result> request) {
        try {
            session_->run(std::move(request));
            return "";
        } catch (const kube::ApiError& error) {
            return error.message();
        }
    }

    static std::string create(const Kind& kind, const json& object) {
        return refusal(session_->client().create(at(kind, ""), object, {}, Deadline::after(60s)));
    }

    /// Of changing an object with `before` as its spec.
    static std::string change(const Kind& kind, const json& before, const json& patch) {
        static int count = 0;
        auto object = document(fs::path("tests/testdata") / kind.samples / "valid/least.yaml");
        const std::string name = "changed-" + std::to_string(++count);
        object["metadata"]["name"] = name;
        object["spec"].update(before);
        EXPECT_EQ(create(kind, object), "");
        return refusal(session_->client().merge_patch(at(kind, name), json{{"spec", patch}}, {},
                                                      Deadline::after(60s)));
    }

    static std::unique_ptr<KubeSession> session_;
    static std::string name_space_;
};

std::unique_ptr<KubeSession> KindsCrd::session_;
std::string KindsCrd::name_space_;

TEST_F(KindsCrd, EveryInvalidSampleIsRefusedAndItsFieldNamed) {
    for (const Kind& kind : {kPostgres, kRedis}) {
        for (const fs::path& sample : samples(kind, "invalid")) {
            if (kToldByTheOperator.contains(sample.filename())) continue;
            EXPECT_THAT(create(kind, document(sample)), HasSubstr(field_of(sample))) << sample;
        }
    }
}

TEST_F(KindsCrd, EveryValidSampleIsTaken) {
    for (const Kind& kind : {kPostgres, kRedis}) {
        for (const fs::path& sample : samples(kind, "valid")) {
            auto object = document(sample);
            EXPECT_EQ(create(kind, object), "") << sample;
            session_->run(session_->client().remove(at(kind, object["metadata"]["name"]), {},
                                                    Deadline::after(60s)));
        }
    }
}

TEST_F(KindsCrd, AVolumeOfPostgresGrowsAndKeepsItsClassAlsoWhereTheBlockIsLeftOut) {
    const json none = json::object();
    const json large{{"storage", {{"size", "20Gi"}}}};
    const json fast{{"storage", {{"className", "fast"}}}};
    const json left_out{{"storage", nullptr}};
    EXPECT_EQ(change(kPostgres, none, large), "");
    EXPECT_THAT(change(kPostgres, none, {{"storage", {{"size", "5Gi"}}}}),
                HasSubstr("must not shrink"));
    EXPECT_THAT(change(kPostgres, large, left_out), HasSubstr("must not shrink"));
    EXPECT_THAT(change(kPostgres, none, fast), HasSubstr("must stay as it is"));
    EXPECT_THAT(change(kPostgres, fast, left_out), HasSubstr("must stay as it is"));
}

TEST_F(KindsCrd, WhatPostgresCannotChangeLater) {
    const auto backup = [](json volume) {
        return json{{"backup", {{"target", {{"volume", std::move(volume)}}}}}};
    };
    EXPECT_EQ(change(kPostgres, backup({{"size", "20Gi"}}), backup({{"size", "30Gi"}})), "");
    EXPECT_THAT(change(kPostgres, backup({{"size", "20Gi"}}), backup({{"size", "10Gi"}})),
                HasSubstr("must not shrink"));
    EXPECT_THAT(change(kPostgres, backup({{"size", "20Gi"}}), backup({{"className", "nfs"}})),
                HasSubstr("must stay as they are"));
    EXPECT_THAT(change(kPostgres, json::object(), {{"tls", {{"enabled", true}}}}),
                HasSubstr("cannot be turned on or off"));
}

TEST_F(KindsCrd, WhatRedisCannotChangeLater) {
    const json none = json::object();
    EXPECT_THAT(change(kRedis, none, {{"mode", "Cluster"}}), HasSubstr("cannot be changed"));
    EXPECT_THAT(change(kRedis, none, {{"engine", "Valkey"}}), HasSubstr("cannot be changed"));
    EXPECT_THAT(change(kRedis, none, {{"storage", {{"size", "20Gi"}}}}),
                HasSubstr("cannot be changed"));
    EXPECT_THAT(change(kRedis, none, {{"tls", {{"enabled", true}}}}),
                HasSubstr("cannot be turned on or off"));
}

}  // namespace
}  // namespace chatflow

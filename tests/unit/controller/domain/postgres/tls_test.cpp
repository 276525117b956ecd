#include "controller/domain/postgres/tls.hpp"

#include "controller/domain/postgres/objects.hpp"
#include "controller/domain/postgres/patroni_settings.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/tls/kept.hpp"
#include "tests/unit/controller/domain/postgres/a_topology.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::postgres {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

api::PostgresTopology encrypted() {
    api::PostgresTopology topology;
    topology.metadata = {.name = "chat", .name_space = "apps", .uid = "u-1"};
    topology.spec.tls.enabled = true;
    topology.spec.pooler.emplace();
    return topology;
}

json settings_of(const api::PostgresTopology& topology) {
    return json::parse(static_settings(topology, Pool::Member));
}

json pod_of(const api::PostgresTopology& topology, const std::string& path) {
    const auto all = desired_objects(topology, {});
    const auto found = std::ranges::find(all, path, &api::Manifest::path);
    return found->object["spec"]["template"]["spec"];
}

TEST(PostgresTls, TheCertificateIsGoodForEveryServiceAndForTheNameThatTheOperatorAsksFor) {
    const auto names = certificate_names(encrypted());
    for (const char* name : {"chat-rw.apps.svc", "chat-ro", "chat-r.apps", "chat-pooler.apps.svc",
                             "chat-rw.apps.svc.cluster.local", "*.chat-pods.apps.svc"}) {
        EXPECT_THAT(names, Contains(name));
    }
    EXPECT_THAT(names, Contains(server_name_of(encrypted().metadata)));
}

TEST(PostgresTls, WithoutItNothingSpeaksTls) {
    api::PostgresTopology plain = encrypted();
    plain.spec.tls = {};
    EXPECT_THAT(static_settings(plain, Pool::Member), Not(HasSubstr("ssl")));
    EXPECT_THAT(dynamic_settings(plain.spec).dump(), Not(HasSubstr("ssl")));
    EXPECT_THAT(pooler_settings(*plain.spec.pooler, plain.spec.tls), Not(HasSubstr("tls")));
    for (const auto& manifest : desired_objects(plain, {})) {
        EXPECT_THAT(manifest.object.dump(), Not(HasSubstr("chat-tls")));
    }
}

TEST(PostgresTls, MembersTrustEachOtherByTheAuthorityAlone) {
    const json server = settings_of(encrypted())["postgresql"];
    EXPECT_EQ(server["parameters"]["ssl"], "on");
    EXPECT_EQ(server["parameters"]["ssl_key_file"], "/etc/chatflow/tls/tls.key");
    for (const char* user : {"superuser", "replication", "rewind"}) {
        EXPECT_EQ(server["authentication"][user]["sslmode"], "verify-ca") << user;
        EXPECT_EQ(server["authentication"][user]["sslrootcert"], "/etc/chatflow/tls/ca.crt");
    }
}

TEST(PostgresTls, ReplicationIsAlwaysEncryptedAndClientsWhereItIsRequired) {
    api::PostgresTopology topology = encrypted();
    const auto lines = [&] {
        return dynamic_settings(topology.spec)["postgresql"]["pg_hba"]
            .get<std::vector<std::string>>();
    };
    EXPECT_THAT(lines(), Contains("hostssl replication standby all scram-sha-256"));
    EXPECT_THAT(lines(), Contains("host all all all scram-sha-256"));
    EXPECT_THAT(pooler_settings(*topology.spec.pooler, topology.spec.tls),
                HasSubstr("client_tls_sslmode = allow\n"));
    topology.spec.tls.required = true;
    EXPECT_THAT(lines(), Contains("hostssl all all all scram-sha-256"));
    EXPECT_THAT(lines(), Not(Contains("host all all all scram-sha-256")));
    EXPECT_THAT(pooler_settings(*topology.spec.pooler, topology.spec.tls),
                HasSubstr("client_tls_sslmode = require\n"));
}

TEST(PostgresTls, PodsMountTheSecretThatPostgresqlAcceptsTheKeyOf) {
    api::PostgresTopology topology = encrypted();
    for (const char* path :
         {"statefulsets/chat", "statefulsets/chat-read", "deployments/chat-pooler"}) {
        const json pod = pod_of(topology, path);
        const json& volumes = pod["volumes"];
        const auto found = std::ranges::find_if(
            volumes, [](const json& volume) { return volume["name"] == "tls"; });
        ASSERT_NE(found, volumes.end()) << path;
        EXPECT_EQ((*found)["secret"]["secretName"], "chat-tls");
        EXPECT_EQ((*found)["secret"]["defaultMode"], 0440);
        EXPECT_THAT(pod["containers"][0]["volumeMounts"].dump(), HasSubstr(kTlsFolder)) << path;
    }
    topology.spec.tls.existing_secret = "mine";
    EXPECT_THAT(pod_of(topology, "statefulsets/chat").dump(), HasSubstr("\"mine\""));
}

TEST(PostgresTls, AConditionTellsOfTheCertificateWhileThereIsOne) {
    ATopology chat;
    chat.seen.certificate = tls::Verdict{false, "Ended", "The certificate ended."};
    chat.visit();
    const auto* found = api::find_condition(chat.topology.status.conditions, "CertificateValid");
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->reason, "Ended");
    chat.seen.certificate.reset();
    chat.visit();
    EXPECT_EQ(api::find_condition(chat.topology.status.conditions, "CertificateValid"), nullptr);
}

}  // namespace
}  // namespace chatflow::postgres

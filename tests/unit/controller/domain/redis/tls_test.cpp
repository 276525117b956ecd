#include "controller/domain/redis/tls.hpp"

#include "controller/domain/redis/objects.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const TimePoint kNow = *parse_rfc3339("2026-11-21T18:00:00Z");
const tls::Policy kPolicy;

api::RedisTopology a_topology() {
    api::RedisTopology topology;
    topology.metadata.name = "q";
    topology.metadata.name_space = "chat";
    topology.spec.tls.enabled = true;
    return topology;
}

Observed with_addresses() {
    Observed seen{.now = kNow, .hosts = {"10.96.0.1", "10.96.0.2", "10.96.0.3"}};
    for (int i = 0; i < 3; ++i) {
        seen.sentinels.push_back({.endpoint = {"10.96.1." + std::to_string(i), 26379}});
    }
    return seen;
}

Certificates made_at(TimePoint at) {
    const auto names = certificate_names(a_topology(), with_addresses());
    const auto decision = tls::decide(tls::stored_of({}), names, kPolicy, at);
    return tls::renewed({}, decision, "q", names, kPolicy, at);
}

TEST(RedisTls, ACertificateIsGoodForEveryNameAndAddress) {
    const auto names = certificate_names(a_topology(), with_addresses());
    for (const char* name : {"q-rw.chat.svc", "q-ro", "q-sentinel.chat.svc.cluster.local",
                             "q-2.chat.svc", "q-sentinel-1", "10.96.0.3", "10.96.1.2"}) {
        EXPECT_THAT(names, Contains(name));
    }
    EXPECT_THAT(names, Contains(server_name_of(a_topology())));
}

TEST(RedisTls, NothingIsMadeBeforeAllAddressesAreKnown) {
    Observed seen = with_addresses();
    EXPECT_TRUE(has_all_addresses(a_topology(), seen));
    seen.hosts.pop_back();
    EXPECT_FALSE(has_all_addresses(a_topology(), seen));
}

TEST(RedisTls, SentinelsRestartForARenewalAndNotForAReplicaMore) {
    const Certificates now = made_at(kNow);
    Observed seen = with_addresses();
    seen.hosts.push_back("10.96.0.4");
    const auto names = certificate_names(a_topology(), seen);
    const auto more = tls::decide(tls::stored_of(now), names, kPolicy, kNow + 24h);
    ASSERT_TRUE(more.issue);
    const Certificates grown = tls::renewed(now, more, "q", names, kPolicy, kNow + 24h);
    EXPECT_NE(grown.server, now.server);
    EXPECT_EQ(sentinel_certificates(grown), sentinel_certificates(now));

    const TimePoint later = kNow + std::chrono::days{21};
    const auto renewal = tls::decide(tls::stored_of(grown), names, kPolicy, later);
    ASSERT_TRUE(renewal.is_renewal);
    const Certificates renewed_one = tls::renewed(grown, renewal, "q", names, kPolicy, later);
    EXPECT_NE(sentinel_certificates(renewed_one), sentinel_certificates(grown));
}

std::string object_of(const api::RedisTopology& topology, const std::string& plural,
                      const std::string& name) {
    const Ingredients with{.counts = {3, 3}, .image = "image", .certificates = "c"};
    for (const auto& object : desired_objects(topology, with)) {
        if (object.plural == plural && object.name == name) return object.json;
    }
    return {};
}

TEST(RedisTls, PodsGetTheCertificatesAndServicesThePortThatIsAskedFor) {
    api::RedisTopology topology = a_topology();
    EXPECT_THAT(object_of(topology, "statefulsets", "q"), HasSubstr(R"("secretName":"q-tls")"));
    EXPECT_THAT(object_of(topology, "statefulsets", "q-sentinel"),
                HasSubstr(R"("chatflow.dev/certificates":"c")"));
    EXPECT_THAT(object_of(topology, "services", "q-rw"), Not(HasSubstr("6380")));
    topology.spec.tls.plain_port = true;
    topology.spec.tls.existing_secret = "mine";
    EXPECT_THAT(object_of(topology, "statefulsets", "q"), HasSubstr(R"("secretName":"mine")"));
    EXPECT_THAT(object_of(topology, "services", "q-rw"), HasSubstr("6380"));
    topology.spec.tls = {};
    EXPECT_THAT(object_of(topology, "statefulsets", "q"), Not(HasSubstr("tls")));
}

TEST(RedisTls, PodsRunTheProgramsOfTheirEngine) {
    api::RedisTopology topology = a_topology();
    topology.spec.engine = api::RedisEngine::Valkey;
    EXPECT_THAT(object_of(topology, "statefulsets", "q"), HasSubstr("/usr/bin/valkey-server"));
    EXPECT_THAT(object_of(topology, "statefulsets", "q-sentinel"),
                HasSubstr("/usr/bin/valkey-server"));
}

}  // namespace
}  // namespace chatflow::redis_topology

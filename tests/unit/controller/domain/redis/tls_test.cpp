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
    const auto decision = tls::decide(stored_of({}), names, kPolicy, at);
    return renewed({}, decision, "q", names, kPolicy, at);
}

std::string shown_by(const Certificates& now) {
    return certificates::facts_of(now.server.certificate)->fingerprint;
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

TEST(RedisTls, WhatWasMadeIsKeptAsItIs) {
    const Certificates now = made_at(kNow);
    const auto names = certificate_names(a_topology(), with_addresses());
    const auto decision = tls::decide(stored_of(now), names, kPolicy, kNow + 24h);
    EXPECT_FALSE(decision.make_authority || decision.issue) << decision.reason;
    EXPECT_EQ(now.renewals, 1);
}

TEST(RedisTls, SentinelsRestartForARenewalAndNotForAReplicaMore) {
    const Certificates now = made_at(kNow);
    Observed seen = with_addresses();
    seen.hosts.push_back("10.96.0.4");
    const auto names = certificate_names(a_topology(), seen);
    const auto more = tls::decide(stored_of(now), names, kPolicy, kNow + 24h);
    ASSERT_TRUE(more.issue);
    const Certificates grown = renewed(now, more, "q", names, kPolicy, kNow + 24h);
    EXPECT_NE(grown.server, now.server);
    EXPECT_EQ(sentinel_certificates(grown), sentinel_certificates(now));

    const TimePoint later = kNow + std::chrono::days{21};
    const auto renewal = tls::decide(stored_of(grown), names, kPolicy, later);
    ASSERT_TRUE(renewal.is_renewal);
    const Certificates renewed_one = renewed(grown, renewal, "q", names, kPolicy, later);
    EXPECT_NE(sentinel_certificates(renewed_one), sentinel_certificates(grown));
}

TEST(RedisTls, BothAuthoritiesAreTrustedWhileTheNewOneSpreads) {
    const Certificates old = made_at(kNow);
    const auto names = certificate_names(a_topology(), with_addresses());
    const TimePoint later = kNow + kPolicy.authority_lifetime - kPolicy.authority_renewed_before;
    Certificates now = old;
    now.server =
        certificates::issue(old.authority, names, {later - 24h, later + std::chrono::days{29}});
    const auto decision = tls::decide(stored_of(now), names, kPolicy, later);
    ASSERT_TRUE(decision.make_authority);
    EXPECT_FALSE(decision.issue);
    now = renewed(now, decision, "q", names, kPolicy, later);
    EXPECT_EQ(certificates::split(now.authorities).size(), 2U);
    EXPECT_TRUE(stored_of(now).is_trusted);
    EXPECT_FALSE(stored_of(now).is_signed_by_authority);

    const auto next = tls::decide(stored_of(now), names, kPolicy, later + 1h);
    ASSERT_TRUE(next.issue);
    EXPECT_TRUE(
        stored_of(renewed(now, next, "q", names, kPolicy, later + 1h)).is_signed_by_authority);
}

TEST(RedisTls, ANodeReadsAgainWhatItDoesNotShowYet) {
    const Certificates now = made_at(kNow);
    const TimePoint later = kNow + 2h;
    EXPECT_FALSE(must_read_again(now, shown_by(now), std::nullopt, kPolicy, later));
    EXPECT_TRUE(must_read_again(now, "another", std::nullopt, kPolicy, later));
    EXPECT_FALSE(must_read_again(now, "another", later - 59s, kPolicy, later));
    EXPECT_TRUE(must_read_again(now, "another", later - 60s, kPolicy, later));
}

TEST(RedisTls, TheConditionSaysUntilWhenAndWhatIsWrong) {
    const Certificates now = made_at(kNow);
    EXPECT_EQ(certificate_valid(now, "", {}, kNow).message, "It holds until 2026-12-21T18:00:00Z.");
    EXPECT_EQ(certificate_valid(now, "", {"q-1"}, kNow).reason, "BeingLoaded");
    EXPECT_EQ(certificate_valid({}, "", {}, kNow).reason, "NoCertificate");
    EXPECT_EQ(certificate_valid(now, "", {}, kNow + std::chrono::days{30}).reason, "Ended");
    EXPECT_EQ(certificate_valid(now, "", {}, kNow + std::chrono::days{25}).reason, "NotRenewed");
    Certificates foreign = now;
    foreign.authorities = made_at(kNow).authorities;
    EXPECT_EQ(certificate_valid(foreign, "", {}, kNow).reason, "NotTrusted");
    foreign = now;
    foreign.server.key = made_at(kNow).server.key;
    EXPECT_EQ(certificate_valid(foreign, "", {}, kNow).reason, "WrongKey");
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

#include "libs/certificates/certificates.hpp"
#include "tests/integration/postgres/operator_bench.hpp"
#include "tests/integration/postgres/writers.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <pqxx/pqxx>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

json with_tls() {
    return {{"tls", {{"enabled", true}, {"required", true}}},
            {"users", {{{"name", "app"}}}},
            {"databases", {{{"name", "app"}, {"owner", "app"}}}},
            {"pooler", {{"instances", 1}, {"pauseTimeoutSeconds", 20}}}};
}

class PostgresTlsTest : public testing::Test {
 protected:
    PostgresTlsTest() {
        bench_.reconcile_until([this] { return bench_.all_stream(); }, 120s);
        bench_.start_pooler();
        bench_.reconcile_until([this] { return bench_.status()["pooler"].value("ready", 0) == 1; },
                               30s);
        authorities_ = bench_.published_authorities().string();
    }

    /// As clients do, by the names of Services and the authority that is published.
    std::string verified(const std::string& connection, const std::string& service) {
        const auto host = connection.find("host=");
        return connection.substr(0, host) + "hostaddr=" + connection.substr(host + 5) +
               fmt::format(" host={} sslmode=verify-full sslrootcert={}", bench_.service(service),
                           authorities_);
    }
    std::string pooled() { return verified(bench_.through_pooler("app"), "pooler"); }
    std::string direct() { return verified(bench_.through_proxy("app"), "rw"); }

    static std::string answer(const std::string& connection, const std::string& query) {
        try {
            pqxx::connection opened(connection);
            pqxx::nontransaction work(opened);
            return work.query_value<std::string>(query);
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    /// A visit that renews with these times, then the usual ones that have pods read the files.
    void renew(const tls::Policy& policy) {
        bench_.replace_operator(policy);
        bench_.reconcile(1);
        bench_.mount_certificates();
        authorities_ = bench_.published_authorities().string();
        bench_.replace_operator(tls::Policy{});
        bench_.reconcile_until([this] { return reason() == "Valid"; }, 60s);
    }
    std::string reason() {
        const json status = bench_.status();
        for (const json& condition : status.at("conditions")) {
            if (condition["type"] == "CertificateValid") return condition["reason"];
        }
        return "";
    }
    std::string shown_by_pooler() { return bench_.shown_certificate(6432, "app"); }
    std::string shown_by_server() { return bench_.shown_certificate(5433, "app"); }

    OperatorBench bench_{with_tls()};
    std::string authorities_;
};

TEST_F(PostgresTlsTest, EveryConnectionIsEncryptedAndARenewalUnderLoadFailsNoTransaction) {
    const char* const kEncrypted =
        "SELECT CASE WHEN ssl THEN 'yes' ELSE 'no' END FROM pg_stat_ssl "
        "WHERE pid = pg_backend_pid()";
    EXPECT_EQ(answer(pooled(), kEncrypted), "yes") << bench_.logs();
    EXPECT_EQ(answer(direct(), kEncrypted), "yes");
    const auto standbys = bench_.on_primary(
        {"SELECT count(*) FILTER (WHERE ssl) AS encrypted, count(*) AS all FROM pg_stat_ssl "
         "JOIN pg_stat_replication USING (pid)"});
    EXPECT_EQ(standbys[0][0].at("encrypted"), "2");
    EXPECT_EQ(standbys[0][0].at("all"), "2");

    // In the clear, by another name, and by another authority nobody comes in.
    EXPECT_THAT(answer(bench_.through_pooler("app") + " sslmode=disable", "SELECT 'in'"),
                HasSubstr("SSL required"));
    EXPECT_THAT(answer(bench_.through_proxy("app") + " sslmode=disable", "SELECT 'in'"),
                HasSubstr("no encryption"));
    EXPECT_THAT(answer(verified(bench_.through_proxy("app"), "elsewhere"), "SELECT 'in'"),
                HasSubstr("does not match host name"));
    const auto now = bench_.session().clock().now();
    TemporaryFolder folder;
    const auto foreign = folder.write(
        "foreign.crt", certificates::make_authority("foreign", {now - 1h, now + 1h}).certificate);
    std::string deceived = direct();
    deceived.replace(deceived.find(authorities_), authorities_.size(), foreign.string());
    EXPECT_THAT(answer(deceived, "SELECT 'in'"), HasSubstr("certificate verify failed"));

    answer(pooled(), "CREATE TABLE ledger (row bigint PRIMARY KEY)");
    const auto postmaster = bench_.on_primary({"SELECT pg_postmaster_start_time() AS at"});
    const std::string before = shown_by_server();
    EXPECT_EQ(shown_by_pooler(), before);
    Writers through_pooler({.connection = pooled(), .first_row = 1'000'000, .per_connection = 10});
    Writers through_proxy({.connection = direct(),
                           .clients = 4,
                           .per_second = 100,
                           .first_row = 2'000'000,
                           .per_connection = 10});
    while (through_pooler.acknowledged() < 200) std::this_thread::sleep_for(50ms);
    renew({.authority_renewed_before = std::chrono::days{366}});
    EXPECT_EQ(shown_by_server(), before) << "the new authority signed before it was trusted";
    renew({.trust_spreads_within = 0s});
    EXPECT_NE(shown_by_server(), before);
    EXPECT_EQ(shown_by_pooler(), shown_by_server());
    const auto so_far = through_pooler.acknowledged();
    while (through_pooler.acknowledged() < so_far + 200) std::this_thread::sleep_for(50ms);
    const Ledger pooler = through_pooler.stop();
    const Ledger proxy = through_proxy.stop();
    std::cout << fmt::format("renewal: {} and {} acknowledged, longest gaps {} ms and {} ms\n",
                             pooler.acknowledged.size(), proxy.acknowledged.size(),
                             pooler.longest_gap().count(), proxy.longest_gap().count());
    EXPECT_EQ(pooler.failures.size(), 0) << pooler.failures.front() << bench_.logs();
    EXPECT_EQ(proxy.failures.size(), 0) << proxy.failures.front() << bench_.logs();
    EXPECT_EQ(bench_.on_primary({"SELECT pg_postmaster_start_time() AS at"}), postmaster);
    EXPECT_EQ(answer(direct(), "SELECT count(*)::text FROM ledger"),
              std::to_string(pooler.acknowledged.size() + proxy.acknowledged.size()));

    // Standbys that connect anew trust the new authority, and follow a planned handover.
    const std::string primary = bench_.status()["currentPrimary"];
    bench_.change_spec({{"switchover", {{"requestID", "after-renewal"}}}});
    bench_.reconcile_until(
        [&] { return bench_.status()["currentPrimary"] != primary && bench_.all_stream(); }, 90s);
    EXPECT_EQ(answer(pooled(), kEncrypted), "yes");
}

}  // namespace
}  // namespace chatflow::test

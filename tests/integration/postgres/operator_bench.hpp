#pragma once

#include "controller/reconcilers/postgres/postgres_reconciler.hpp"
#include "controller/runtime/watch_cache.hpp"
#include "libs/async/task_group.hpp"
#include "tests/integration/postgres/ensemble.hpp"
#include "tests/integration/postgres/pooler_processes.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <prometheus/registry.h>

namespace chatflow::test {

/// The real reconciler on a real API server, with the members and the pooler of one topology as
/// real processes in the place of pods: nothing between them is made up but the kubelet.
class OperatorBench {
 public:
    /// What the members have beside what the operator gives them.
    struct Surroundings {
        std::filesystem::path repository;      // in the place of the volume of backups
        std::vector<std::string> environment;  // NAME=value
    };

    /// `spec` is merged over three members and durability Required.
    explicit OperatorBench(const nlohmann::json& spec, std::string name = "chat",
                           Surroundings surroundings = {});
    ~OperatorBench();

    /// Reconciles each second until `holds`; throws after so long, with what the status says.
    void reconcile_until(const std::function<bool()>& holds, std::chrono::seconds limit);
    void reconcile(int times);
    void change_spec(const nlohmann::json& spec);
    /// An operator that knows what the status tells, and nothing else.
    void replace_operator() { reconciler_.emplace(parts()); }
    /// The same, with other times of certificates.
    void replace_operator(const tls::Policy& certificates) {
        certificates_ = certificates;
        replace_operator();
    }
    /// Pods have the Secret's present files, as if the kubelet had come by.
    void mount_certificates();

    [[nodiscard]] nlohmann::json status();
    [[nodiscard]] bool condition(const std::string& type);
    [[nodiscard]] bool all_stream();
    [[nodiscard]] std::vector<std::string> actions();

    [[nodiscard]] std::size_t members() const { return members_.size(); }
    [[nodiscard]] Member& member(std::size_t index) { return *members_.at(index); }
    /// The member that the status names as the primary.
    [[nodiscard]] std::size_t primary();

    void start_pooler();
    [[nodiscard]] PoolerProcesses& pooler() { return *pooler_; }
    [[nodiscard]] pooler::Client& pooler_client() { return pooler_client_; }
    [[nodiscard]] pooler::Pod pooler_pod();

    /// Whose votes an election takes, and how many of them: "chat-1,chat-2 (1)".
    [[nodiscard]] std::string voters();

    /// As the superuser, on the primary that the status names.
    std::vector<sql::Rows> on_primary(std::vector<std::string> statements);
    /// For libpq: through the pooler, and through its proxy alone, as -rw leads. The user's
    /// password is that of its Secret, and its database has its name.
    [[nodiscard]] std::string through_pooler(const std::string& user);
    [[nodiscard]] std::string through_proxy(const std::string& user);
    /// A member itself, whatever its role.
    [[nodiscard]] std::string directly(std::size_t member, const std::string& user);
    /// The file with the authorities that clients trust, as it is now; and the name to check.
    [[nodiscard]] std::filesystem::path published_authorities();
    [[nodiscard]] std::string service(const std::string& part) const {
        return name_ + "-" + part + "." + name_space_ + ".svc";
    }
    /// The fingerprint of what the pooler's address shows at that port.
    [[nodiscard]] std::string shown_certificate(std::uint16_t port, const std::string& user);
    [[nodiscard]] KubeSession& session() { return session_; }
    [[nodiscard]] std::string logs() const;

 private:
    [[nodiscard]] PostgresReconciler::Parts parts();
    [[nodiscard]] kube::Resource at(const std::string& group, const std::string& version,
                                    const std::string& plural, const std::string& name,
                                    const std::string& subresource = {}) const;
    [[nodiscard]] nlohmann::json read(const std::string& plural, const std::string& name);
    [[nodiscard]] std::map<std::string, std::string> secret(const std::string& name);
    [[nodiscard]] std::map<std::string, std::string> certificates();
    void start_members(int count);
    void make_pod(const std::string& name, const nlohmann::json& labels, const std::string& ip);

    KubeSession session_;
    Log log_{"test", LogLevel::Error};
    std::string name_;
    Surroundings surroundings_;
    tls::Policy certificates_{};
    std::string name_space_;
    TemporaryFolder folder_;
    Addresses addresses_;
    std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
    runtime::RuntimeMetrics runtime_metrics_{*registry_};
    PostgresMetrics exported_{*registry_};
    runtime::WatchCache<api::PostgresTopology> topologies_;
    runtime::WatchCache<api::Pod> pods_;
    patroni::Client patroni_;
    BlockingPool threads_{2, 64};
    sql::Client sql_{threads_};
    pooler::Client pooler_client_{sql_};
    runtime::EventRecorder events_;
    std::optional<PostgresReconciler> reconciler_;
    std::vector<std::unique_ptr<Member>> members_;
    std::unique_ptr<PoolerProcesses> pooler_;
    TaskGroup tasks_;
};

}  // namespace chatflow::test

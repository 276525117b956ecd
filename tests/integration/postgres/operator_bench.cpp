#include "tests/integration/postgres/operator_bench.hpp"

#include "controller/domain/postgres/databases.hpp"
#include "controller/domain/postgres/names.hpp"
#include "controller/domain/postgres/tls.hpp"
#include "libs/base/base64.hpp"

#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chatflow::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

Deadline soon() { return Deadline::after(20s); }

/// That the user postgres can read, too.
std::filesystem::path write_kubeconfig(const TemporaryFolder& folder) {
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    const auto& access = TestControlPlane::shared().access();
    const auto authority = folder.write("authority.crt", access.authorities.text);
    return folder.write(
        "kubeconfig",
        fmt::format("apiVersion: v1\nkind: Config\ncurrent-context: test\n"
                    "clusters: [{{name: test, cluster: {{server: \"{}\", "
                    "certificate-authority: \"{}\"}}}}]\n"
                    "users: [{{name: test, user: {{token: {}}}}}]\n"
                    "contexts: [{{name: test, context: {{cluster: test, user: test}}}}]\n",
                    access.server, authority.string(), TestControlPlane::kAdminToken));
}

}  // namespace

OperatorBench::OperatorBench(const json& spec, std::string name, Surroundings surroundings)
    : session_(TestControlPlane::shared().access()),
      name_(std::move(name)),
      surroundings_(std::move(surroundings)),
      topologies_(session_.client(), session_.clock(), log_, runtime_metrics_),
      pods_(session_.client(), session_.clock(), log_, runtime_metrics_),
      events_(session_.io().get_executor(), session_.client(), session_.clock(), log_,
              runtime_metrics_, {.instance = "test"}),
      tasks_(session_.io().get_executor(),
             [](const std::exception_ptr& error) { std::rethrow_exception(error); }) {
    session_.apply_crd("postgrestopologies");
    name_space_ = session_.make_namespace();
    reconciler_.emplace(parts());
    tasks_.spawn(topologies_.run());
    tasks_.spawn(pods_.run());
    json topology{{"apiVersion", "chatflow.dev/v1alpha1"},
                  {"kind", "PostgresTopology"},
                  {"metadata", {{"name", name_}}},
                  {"spec",
                   {{"members", 3},
                    {"durability", "Required"},
                    {"networkPolicy", false},
                    {"postgresql", {{"parameters", {{"shared_buffers", "16MB"}}}}}}}};
    topology["spec"].merge_patch(spec);
    session_.run(session_.client().create(at("chatflow.dev", "v1alpha1", "postgrestopologies", ""),
                                          topology, {}, soon()));
    while (!topologies_.store().find({name_space_, name_}) || !pods_.has_synced()) {
        session_.run(session_.clock().sleep_for(20ms));
    }
    reconcile(1);  // makes the objects
    start_members(topology["spec"]["members"].get<int>());
}

OperatorBench::~OperatorBench() {
    tasks_.cancel();
    session_.run(tasks_.wait());
}

PostgresReconciler::Parts OperatorBench::parts() {
    return {.topologies = topologies_.store(),
            .pods = pods_.store(),
            .kube = session_.client(),
            .patroni = patroni_,
            .sql = sql_,
            .pooler = pooler_client_,
            .events = events_,
            .exported = exported_,
            .clock = session_.clock(),
            .image = "postgres-ha",
            .pooler_image = "pgbouncer",
            .certificates = certificates_};
}

kube::Resource OperatorBench::at(const std::string& group, const std::string& version,
                                 const std::string& plural, const std::string& name,
                                 const std::string& subresource) const {
    return {.group = group,
            .version = version,
            .plural = plural,
            .name_space = name_space_,
            .name = name,
            .subresource = subresource};
}

json OperatorBench::read(const std::string& plural, const std::string& name) {
    const auto found = session_.run(session_.client().get(at("", "v1", plural, name), soon()));
    if (!found) throw std::runtime_error("there is no " + plural + "/" + name);
    return *found;
}

std::map<std::string, std::string> OperatorBench::secret(const std::string& name) {
    std::map<std::string, std::string> texts;
    const json object = read("secrets", name);
    for (const auto& [key, value] : object.at("data").items()) {
        texts[key] = decode_base64(value.get<std::string>()).value();
    }
    return texts;
}

void OperatorBench::make_pod(const std::string& name, const json& labels, const std::string& ip) {
    const json pod{{"apiVersion", "v1"},
                   {"kind", "Pod"},
                   {"metadata", {{"name", name}, {"labels", labels}}},
                   {"spec", {{"containers", {{{"name", "postgres"}, {"image", "none"}}}}}}};
    session_.run(session_.client().create(at("", "v1", "pods", ""), pod, {}, soon()));
    const json status{{"status",
                       {{"phase", "Running"},
                        {"podIP", ip},
                        {"podIPs", {{{"ip", ip}}}},
                        {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};
    session_.run(
        session_.client().merge_patch(at("", "v1", "pods", name, "status"), status, {}, soon()));
    const api::ObjectKey key{name_space_, name};
    while (!pods_.store().find(key) || pods_.store().find(key)->pod_ip.empty()) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

void OperatorBench::start_members(int count) {
    const auto kubeconfig = write_kubeconfig(folder_);
    auto files = read("configmaps", postgres::patroni_object(name_))["data"]
                     .get<std::map<std::string, std::string>>();
    const std::string settings = files.extract("patroni-member.yml").mapped();
    json labels = postgres::pod_labels(name_, postgres::kMemberPool);
    labels[postgres::kScopeLabel] = postgres::read_write_service(name_);
    for (int i = 0; i < count; ++i) {
        const std::string name = fmt::format("{}-{}", name_, i);
        make_pod(name, labels, addresses_.member(i));
        members_.push_back(std::make_unique<Member>(
            MemberSetup{.name = name,
                        .ip = addresses_.member(i),
                        .settings = settings,
                        .passwords = secret(postgres::credentials_secret(name_)),
                        .files = files,
                        .kubeconfig = kubeconfig,
                        .repository = surroundings_.repository,
                        .certificates = certificates(),
                        .environment = surroundings_.environment}));
    }
}

void OperatorBench::start_pooler() {
    std::vector<postgres::ProxyServer> servers;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        servers.push_back({fmt::format("{}-{}", name_, i), addresses_.member(static_cast<int>(i))});
    }
    const auto found = topologies_.store().find({name_space_, name_});
    pooler_ = std::make_unique<PoolerProcesses>(PoolerSetup{
        .ip = addresses_.pooler(),
        .settings = read("configmaps", postgres::pooler_object(name_))["data"]["pgbouncer.ini"],
        .users = secret(postgres::pooler_object(name_)).at("userlist.txt"),
        .pause_seconds_max = found->spec.pooler->pause_timeout_seconds,
        .servers = servers,
        .certificates = certificates()});
    make_pod(name_ + "-pooler-0", postgres::pod_labels(name_, postgres::kPoolerPool),
             addresses_.pooler());
}

pooler::Pod OperatorBench::pooler_pod() {
    return {.name = name_ + "-pooler-0",
            .ip = addresses_.pooler(),
            .console_password = secret(postgres::pooler_object(name_)).at("console-password"),
            .authorities = certificates()["ca.crt"],
            .server_name = service("rw")};
}

std::map<std::string, std::string> OperatorBench::certificates() {
    const auto found = topologies_.store().find({name_space_, name_});
    if (!found->spec.tls.enabled) return {};
    return secret(postgres::tls_secret_of(*found));
}

void OperatorBench::mount_certificates() {
    const auto files = certificates();
    for (const auto& member : members_) member->mount(files);
    if (pooler_) pooler_->mount(files);
}

std::filesystem::path OperatorBench::published_authorities() {
    return folder_.write("published.crt", secret(tls::authority_secret_of(name_)).at("ca.crt"));
}

void OperatorBench::reconcile(int times) {
    for (int i = 0; i < times; ++i) {
        session_.run(reconciler_->reconcile({name_space_, name_}, Deadline::after(60s), log_));
    }
}

void OperatorBench::reconcile_until(const std::function<bool()>& holds,
                                    std::chrono::seconds limit) {
    for (const auto until = Deadline::after(limit); !until.has_passed();) {
        reconcile(1);
        if (holds()) return;
        session_.run(session_.clock().sleep_for(1s));
    }
    throw std::runtime_error("it did not come to pass: " + status().dump(1) + logs());
}

void OperatorBench::change_spec(const json& spec) {
    const json changed = session_.run(session_.client().merge_patch(
        at("chatflow.dev", "v1alpha1", "postgrestopologies", name_), {{"spec", spec}}, {}, soon()));
    const auto generation = changed["metadata"]["generation"].get<std::int64_t>();
    while (topologies_.store().find({name_space_, name_})->metadata.generation < generation) {
        session_.run(session_.clock().sleep_for(20ms));
    }
}

json OperatorBench::status() {
    const auto found = session_.run(
        session_.client().get(at("chatflow.dev", "v1alpha1", "postgrestopologies", name_), soon()));
    return found->value("status", json::object());
}

bool OperatorBench::condition(const std::string& type) {
    for (const json& condition : status().value("conditions", json::array())) {
        if (condition["type"] == type) return condition["status"] == "True";
    }
    return false;
}

bool OperatorBench::all_stream() {
    const json now = status();
    for (const json& instance : now.value("instances", json::array())) {
        const auto state = instance.value("state", "");
        if (state != "running" && state != "streaming") return false;
    }
    return !now.value("currentPrimary", "").empty() && condition("PrimaryAvailable") &&
           condition("SyncReplicationHealthy");
}

std::vector<std::string> OperatorBench::actions() {
    std::vector<std::string> all;
    for (const json& action : status().value("actions", json::array())) {
        all.push_back(action["kind"].get<std::string>() + " " +
                      action["instance"].get<std::string>());
    }
    return all;
}

std::string OperatorBench::voters() {
    const json sync =
        read("endpoints", postgres::read_write_service(name_) + "-sync")["metadata"]["annotations"];
    return fmt::format("{} ({})", sync.value("sync_standby", ""), sync.value("quorum", ""));
}

std::vector<sql::Rows> OperatorBench::on_primary(std::vector<std::string> statements) {
    const sql::Server server{
        .host = addresses_.member(static_cast<int>(primary())),
        .user = "postgres",
        .password = secret(postgres::credentials_secret(name_)).at("superuser-password"),
        .authorities = certificates()["ca.crt"],
        .server_name = service("rw")};
    return session_.run(sql_.run(server, std::move(statements), soon()));
}

std::string OperatorBench::through_pooler(const std::string& user) {
    return fmt::format("host={} port=6432 user={} dbname={} password={}", addresses_.pooler(), user,
                       user, secret(postgres::user_secret(name_, user)).at("password"));
}

std::string OperatorBench::through_proxy(const std::string& user) {
    return fmt::format("host={} port=5433 user={} dbname={} password={} connect_timeout=2",
                       addresses_.pooler(), user, user,
                       secret(postgres::user_secret(name_, user)).at("password"));
}

std::string OperatorBench::directly(std::size_t member, const std::string& user) {
    return fmt::format("host={} user={} dbname={} password={} connect_timeout=2",
                       addresses_.member(static_cast<int>(member)), user, user,
                       secret(postgres::user_secret(name_, user)).at("password"));
}

std::string OperatorBench::shown_certificate(std::uint16_t port, const std::string& user) {
    const sql::Server server{.host = addresses_.pooler(),
                             .port = port,
                             .user = user,
                             .password = secret(postgres::user_secret(name_, user)).at("password"),
                             .database = user};
    return session_.run(sql_.shown_certificate(server, soon()));
}

std::size_t OperatorBench::primary() {
    const std::string name = status().at("currentPrimary");
    return static_cast<std::size_t>(name.back() - '0');
}

std::string OperatorBench::logs() const {
    std::string all;
    for (const auto& member : members_) all += "\n---- member\n" + member->log();
    if (pooler_) all += "\n---- pooler\n" + pooler_->log();
    return all;
}

}  // namespace chatflow::test

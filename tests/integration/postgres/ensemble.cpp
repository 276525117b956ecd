#include "tests/integration/postgres/ensemble.hpp"

#include "tests/support/files.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chatflow::test {

using nlohmann::json;

namespace {

void replace_all(std::string& text, const std::string& old, const std::string& with) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + with.size())) {
        text.replace(at, old.size(), with);
    }
}

/// With the folders of this machine in the place of those of a pod.
std::string placed(std::string text, const std::string& folder, const std::string& repository) {
    replace_all(text, "/var/lib/postgresql/data/pgdata", folder + "/data");
    replace_all(text, "/run/postgresql", folder);
    replace_all(text, "/etc/patroni/", folder + "/");
    replace_all(text, "/etc/chatflow/tls", folder + "/tls");
    replace_all(text, "path=/backup\n", "path=" + repository + "\n");
    replace_all(text, "path=/recovery\n", "path=" + repository + "\n");
    return text;
}

std::vector<int> children_of(int process) {
    std::vector<int> children;
    std::istringstream text(text_of(fmt::format("/proc/{0}/task/{0}/children", process)));
    for (int child = 0; text >> child;) children.push_back(child);
    return children;
}

}  // namespace

Addresses::Addresses() {
    // Other test programs of this machine may do the same.
    std::random_device random;
    net_ = fmt::format("127.{}.{}", 32 + random() % 200, random() % 256);
}

std::string Addresses::member(int index) const { return fmt::format("{}.{}", net_, 10 + index); }
std::string Addresses::pooler() const { return net_ + ".100"; }

void write_certificates(const std::filesystem::path& folder,
                        const std::map<std::string, std::string>& files) {
    const auto place = folder / "tls";
    if (std::filesystem::create_directories(place)) give_to_postgres(place);
    for (const auto& [name, text] : files) {
        const auto fresh = place / (name + ".new");
        std::ofstream(fresh) << text;
        give_to_postgres(fresh);
        std::filesystem::permissions(fresh, std::filesystem::perms::owner_read);
        std::filesystem::rename(fresh, place / name);
    }
}

void Member::mount(const std::map<std::string, std::string>& certificates) {
    write_certificates(folder_.path(), certificates);
}

Member::Member(const MemberSetup& setup) {
    give_to_postgres(folder_.path());
    mount(setup.certificates);
    const std::string folder = folder_.path().string();
    json settings = json::parse(placed(setup.settings, folder, setup.repository));
    for (const auto& [name, text] : setup.files) {
        folder_.write(name, placed(text, folder, setup.repository));
    }
    settings["restapi"]["listen"] = setup.ip + ":8008";
    settings["kubernetes"]["context"] = "test";
    auto& server = settings["postgresql"];
    server["listen"] = setup.ip + ":5432";
    // While it restores, Patroni trusts the address that it listens on: a pod's own, but not this
    // one, since connections to it come from 127.0.0.1.
    server["use_unix_socket"] = true;
    server["pgpass"] = folder + "/pgpass";
    const auto file = folder_.write("patroni.yml", settings.dump(1));
    // Endpoints refuse addresses of 127.0.0.0/8.
    const std::string endpoint = "10" + setup.ip.substr(3);
    const auto& passwords = setup.passwords;
    std::vector<std::string> command{
        "/usr/bin/env",
        "HOME=" + folder,  // libpq looks for certificates there, too
        "KUBECONFIG=" + setup.kubeconfig.string(),
        "PATRONI_NAME=" + setup.name,
        "PATRONI_KUBERNETES_POD_IP=" + endpoint,
        "PATRONI_POSTGRESQL_CONNECT_ADDRESS=" + setup.ip + ":5432",
        "PATRONI_RESTAPI_CONNECT_ADDRESS=" + setup.ip + ":8008",
        "PATRONI_RESTAPI_USERNAME=chatflow",
        "PATRONI_RESTAPI_PASSWORD=" + passwords.at("rest-password"),
        "PATRONI_SUPERUSER_PASSWORD=" + passwords.at("superuser-password"),
        "PATRONI_REPLICATION_PASSWORD=" + passwords.at("replication-password"),
        "PATRONI_REWIND_PASSWORD=" + passwords.at("rewind-password"),
        "PGBACKREST_LOG_PATH=" + folder,
        "PGBACKREST_LOCK_PATH=" + folder + "/lock",
        "PGBACKREST_CONFIG=" + folder + "/pgbackrest.conf",
        "PGBACKREST_STANZA=" + setup.name.substr(0, setup.name.rfind('-'))};
    std::ranges::copy(setup.environment, std::back_inserter(command));
    command.insert(command.end(), {"/usr/bin/python3", "hack/image/patroni-prompt", file.string()});
    command_ = as_postgres(std::move(command));
    start();
}

Member::~Member() {
    patroni_.reset();
    // PostgreSQL is no child of Patroni's.
    if (const int process = server(); process > 1) kill(process, SIGQUIT);
}

void Member::start() {
    patroni_ = std::make_unique<ChildProcess>(command_, folder_.path() / "patroni.log");
}

int Member::server() const {
    return std::atoi(text_of(folder_.path() / "data" / "postmaster.pid").c_str());
}

void Member::kill_server() const {
    if (const int process = server(); process > 1) kill(process, SIGKILL);
}

void Member::crash() {
    patroni_->stop(SIGKILL);
    const int process = server();
    if (process <= 1) return;
    const auto children = children_of(process);
    kill(process, SIGKILL);
    // It would find the memory of its predecessor in use.
    for (const int child : children) kill(child, SIGKILL);
}

void Member::promote_alone() const {
    const std::string folder = folder_.path().string();
    const auto run = [&](std::vector<std::string> words) {
        words[0] = "/usr/lib/postgresql/17/bin/" + words[0];
        ChildProcess program(as_postgres(std::move(words)), folder_.path() / "alone.log");
        if (program.wait() != 0) throw std::runtime_error(text_of(folder_.path() / "alone.log"));
    };
    const auto control = [&](std::vector<std::string> words) {
        words.insert(words.begin(),
                     {"pg_ctl", "-D", folder + "/data", "-w", "-l", folder + "/alone.pg"});
        run(std::move(words));
    };
    control({"-o", "-c listen_addresses= -c unix_socket_directories=" + folder, "start"});
    control({"promote"});
    run({"psql", "-h", folder, "-U", "postgres", "-c", "SET synchronous_commit = local", "-c",
         "CREATE TABLE nobody_knows_of_it ()"});
    control({"-m", "immediate", "stop"});
}

void Member::remove_data() const { std::filesystem::remove_all(folder_.path() / "data"); }

void Member::freeze_senders() const {
    for (const int child : children_of(server())) {
        const std::string title = text_of(fmt::format("/proc/{}/cmdline", child));
        if (title.contains("walsender")) kill(child, SIGSTOP);
    }
}

std::string Member::log() const { return text_of(folder_.path() / "patroni.log"); }

}  // namespace chatflow::test

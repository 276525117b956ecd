#include "tests/support/test_control_plane.hpp"

#include "controller/clients/kube/kubeconfig.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/kube_session.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace chatflow::test {

namespace {

constexpr auto kStartTime = std::chrono::seconds(60);

std::string from_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string tail_of(const std::filesystem::path& log) {
    constexpr std::size_t bytes_max = 4000;
    std::ifstream file(log, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return text.size() <= bytes_max ? text : text.substr(text.size() - bytes_max);
}

}  // namespace

struct TestControlPlane::Own {
    std::filesystem::path assets;
    CertificateAuthority client_authority{"test clients"};
    std::unique_ptr<CertificateAuthority> server_authority =
        std::make_unique<CertificateAuthority>("test servers");
    int etcd_port = find_free_port();
    int api_port = find_free_port();
    std::optional<ChildProcess> etcd;
    std::optional<ChildProcess> api_server;
};

TestControlPlane& TestControlPlane::shared() {
    static TestControlPlane plane;
    return plane;
}

TestControlPlane::TestControlPlane() : kubeconfig_(folder_.path() / "kubeconfig") {
    if (from_environment("USE_EXISTING_CLUSTER") == "true") {
        kubeconfig_ = from_environment("KUBECONFIG");
        auto loaded = kube::load_kubeconfig(kubeconfig_.string(), "");
        if (!loaded) throw std::runtime_error("KUBECONFIG: " + to_string(loaded.error()));
        access_ = *loaded;
        return;
    }
    own_ = std::make_unique<Own>();
    own_->assets = from_environment("KUBEBUILDER_ASSETS");
    if (!std::filesystem::exists(own_->assets / "kube-apiserver")) {
        throw std::runtime_error(
            "KUBEBUILDER_ASSETS must name a folder with etcd and kube-apiserver; hack/test does");
    }
    const std::string etcd_url = "http://127.0.0.1:" + std::to_string(own_->etcd_port);
    own_->etcd.emplace(
        std::vector<std::string>{own_->assets / "etcd", "--data-dir", folder_.path() / "etcd",
                                 "--listen-client-urls", etcd_url, "--advertise-client-urls",
                                 etcd_url, "--listen-peer-urls", "http://127.0.0.1:0",
                                 "--unsafe-no-fsync", "--log-level", "error"},
        folder_.path() / "etcd.log");
    folder_.write("clients.crt", own_->client_authority.certificate());
    folder_.write("tokens.csv", std::string(kAdminToken) + "," + kAdminUser +
                                    ",1,\"system:masters\"\n" + kOtherToken + "," + kOtherUser +
                                    ",2,\"\"\n");
    folder_.write("service-accounts.key", make_private_key());
    access_.server = "https://127.0.0.1:" + std::to_string(own_->api_port);
    access_.token.text = kAdminToken;
    rotate_authority();
    start_api_server();
}

TestControlPlane::~TestControlPlane() = default;

CertificateAndKey TestControlPlane::issue_client(const std::string& user,
                                                 const std::string& group) const {
    return own_->client_authority.issue_client(user, group);
}

void TestControlPlane::rotate_authority() {
    own_->server_authority = std::make_unique<CertificateAuthority>("test servers");
    const auto server = own_->server_authority->issue_server({"IP:127.0.0.1", "DNS:localhost"});
    folder_.write("server.crt", server.certificate);
    folder_.write("server.key", server.key);
    access_.authorities.text = own_->server_authority->certificate();
    write_kubeconfig();
}

void TestControlPlane::stop_api_server(int signal) {
    own_->api_server->stop(signal);
    own_->api_server.reset();
}

void TestControlPlane::pause_api_server() { own_->api_server->send(SIGSTOP); }

void TestControlPlane::resume_api_server() { own_->api_server->send(SIGCONT); }

void TestControlPlane::start_api_server() {
    const auto file = [this](const char* name) { return (folder_.path() / name).string(); };
    own_->api_server.emplace(
        std::vector<std::string>{
            own_->assets / "kube-apiserver",
            "--etcd-servers=http://127.0.0.1:" + std::to_string(own_->etcd_port),
            "--bind-address=127.0.0.1",
            "--secure-port=" + std::to_string(own_->api_port),
            "--tls-cert-file=" + file("server.crt"),
            "--tls-private-key-file=" + file("server.key"),
            "--client-ca-file=" + file("clients.crt"),
            "--token-auth-file=" + file("tokens.csv"),
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=" + file("service-accounts.key"),
            "--service-account-signing-key-file=" + file("service-accounts.key"),
            "--service-cluster-ip-range=127.96.0.0/24",
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true",
            "--shutdown-delay-duration=0s",
            // A shutdown waits this long for watches and requests that do not end.
            "--shutdown-watch-termination-grace-period=1s",
            "--request-timeout=10s",
        },
        folder_.path() / "kube-apiserver.log");
    wait_until_ready();
}

void TestControlPlane::wait_until_ready() {
    KubeSession session(access_);
    const auto give_up = std::chrono::steady_clock::now() + kStartTime;
    while (std::chrono::steady_clock::now() < give_up && own_->api_server->is_running()) {
        try {
            auto& client = session.client();
            session.run(client.raw_text("/readyz", Deadline::after(std::chrono::seconds(5))));
            // The namespace `default` is made a moment after readiness.
            const kube::Resource home{.version = "v1", .plural = "namespaces", .name = "default"};
            if (session.run(client.get(home, Deadline::after(std::chrono::seconds(5))))) return;
        } catch (const std::runtime_error&) {
            // Not yet.
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("the API server did not get ready:\n" +
                             tail_of(folder_.path() / "kube-apiserver.log"));
}

void TestControlPlane::write_kubeconfig() {
    const auto authority = folder_.write("server-authority.crt", access_.authorities.text);
    const std::string text =
        "apiVersion: v1\nkind: Config\ncurrent-context: test\n"
        "clusters: [{name: test, cluster: {server: \"" +
        access_.server + "\", certificate-authority: \"" + authority.string() +
        "\"}}]\nusers: [{name: test, user: {token: " + kAdminToken +
        "}}]\ncontexts: [{name: test, context: {cluster: test, user: test}}]\n";
    folder_.write("kubeconfig", text);
}

}  // namespace chatflow::test

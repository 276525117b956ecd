#pragma once

#include "controller/clients/kube/cluster_access.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace chatflow::test {

/// A real etcd and a real kube-apiserver, started once per test program from the folder that
/// $KUBEBUILDER_ASSETS names. There is nothing else: no controllers, so nothing is collected,
/// no namespace ever ends, and no Deployment gets pods.
/// With USE_EXISTING_CLUSTER=true, $KUBECONFIG's cluster instead; it is never stopped.
class TestControlPlane {
 public:
    /// Starts it when this is the first call.
    static TestControlPlane& shared();

    TestControlPlane();
    TestControlPlane(const TestControlPlane&) = delete;
    TestControlPlane& operator=(const TestControlPlane&) = delete;
    ~TestControlPlane();

    /// As a member of system:masters, with a token.
    [[nodiscard]] const kube::ClusterAccess& access() const { return access_; }

    /// False for a cluster that is not ours: tests that stop servers have to be skipped.
    [[nodiscard]] bool is_ours() const { return own_ != nullptr; }

    /// As another user, without any rights, with the token kOtherToken. Ours only.
    static constexpr const char* kAdminToken = "admin-token";
    static constexpr const char* kAdminUser = "test-admin";
    static constexpr const char* kOtherToken = "other-token";
    static constexpr const char* kOtherUser = "test-other";

    [[nodiscard]] CertificateAndKey issue_client(const std::string& user,
                                                 const std::string& group) const;

    /// Ends the API server as a crash or a shutdown would (SIGKILL, SIGTERM); etcd stays.
    void stop_api_server(int signal);
    /// On the same port, with the same state; returns when it is ready.
    void start_api_server();
    /// Makes it silent, as a cut network does: connections stay, and nobody answers.
    void pause_api_server();
    void resume_api_server();
    /// Makes the next start serve a certificate of a new authority; access() then has that one.
    void rotate_authority();

    /// For kubectl: a kubeconfig with the same access.
    [[nodiscard]] const std::filesystem::path& kubeconfig() const { return kubeconfig_; }

 private:
    struct Own;

    void write_kubeconfig();
    void wait_until_ready();

    TemporaryFolder folder_;
    std::unique_ptr<Own> own_;
    kube::ClusterAccess access_;
    std::filesystem::path kubeconfig_;
};

}  // namespace chatflow::test

#include "controller/clients/kube/exec_credential.hpp"

#include "controller/clients/kube/run_program.hpp"
#include "libs/base/base64.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow::kube {

namespace {

using nlohmann::json;

constexpr std::size_t kOutputBytesMax = std::size_t{1} << 20;

std::string text_of(const json& object, const char* field) {
    const auto found = object.find(field);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

ExecCredential parse_exec_credential(std::string_view output, const std::string& api_version) {
    const json parsed = json::parse(output, nullptr, false);
    if (!parsed.is_object() || text_of(parsed, "kind") != "ExecCredential") {
        throw CredentialError("the credential plugin printed no ExecCredential");
    }
    if (text_of(parsed, "apiVersion") != api_version) {
        throw CredentialError("the credential plugin answered in " + text_of(parsed, "apiVersion") +
                              ", not in " + api_version);
    }
    const auto status = parsed.find("status");
    if (status == parsed.end() || !status->is_object()) {
        throw CredentialError("the credential plugin's answer has no status");
    }
    ExecCredential credential{.token = text_of(*status, "token"),
                              .certificate_pem = text_of(*status, "clientCertificateData"),
                              .key_pem = text_of(*status, "clientKeyData")};
    if (credential.token.empty() && credential.certificate_pem.empty()) {
        throw CredentialError("the credential plugin gave neither a token nor a certificate");
    }
    if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
        throw CredentialError(
            "the credential plugin gave a certificate without a key, or a key "
            "without a certificate");
    }
    const std::string expires = text_of(*status, "expirationTimestamp");
    if (expires.empty()) return credential;
    credential.expires_at = parse_rfc3339(expires);
    if (!credential.expires_at) {
        throw CredentialError("the credential plugin's expirationTimestamp is no RFC 3339 time");
    }
    return credential;
}

std::string exec_info_for(const ClusterAccess& access, const std::string& authorities_pem) {
    json spec = {{"interactive", false}};
    if (access.exec->provide_cluster_info) {
        json cluster = {{"server", access.server}};
        if (!access.server_name.empty()) cluster["tls-server-name"] = access.server_name;
        if (access.skip_verification) cluster["insecure-skip-tls-verify"] = true;
        if (!authorities_pem.empty()) {
            cluster["certificate-authority-data"] = encode_base64(authorities_pem);
        }
        spec["cluster"] = std::move(cluster);
    }
    const json info = {
        {"apiVersion", access.exec->api_version}, {"kind", "ExecCredential"}, {"spec", spec}};
    return info.dump();
}

ExecCredential run_exec_plugin(const ExecPlugin& plugin, const std::string& exec_info,
                               Deadline deadline) {
    Program program{.command = plugin.command,
                    .arguments = plugin.arguments,
                    .environment = plugin.environment};
    program.environment.emplace_back("KUBERNETES_EXEC_INFO", exec_info);
    const ProgramResult result = run_program(program, kOutputBytesMax, deadline);
    switch (result.end) {
        case ProgramResult::End::Exited:
            break;
        case ProgramResult::End::NotStarted:
            throw CredentialError("the credential plugin " + plugin.command + " cannot be started");
        case ProgramResult::End::TookTooLong:
            throw CredentialError("the credential plugin " + plugin.command + " took too long");
        case ProgramResult::End::WroteTooMuch:
            throw CredentialError("the credential plugin " + plugin.command +
                                  " printed more than " + std::to_string(kOutputBytesMax) +
                                  " bytes");
    }
    if (result.status != 0) {
        throw CredentialError("the credential plugin " + plugin.command + " failed with status " +
                              std::to_string(result.status));
    }
    return parse_exec_credential(result.output, plugin.api_version);
}

}  // namespace chatflow::kube

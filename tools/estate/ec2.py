"""Networks, instances, volumes, snapshots, images and the settings of a region.

Most attributes are returned by lists, which can only be denied as a whole: instances, security groups and addresses in the second account's second region,
volumes and network interfaces in the third's.
"""
import base64

from model import FAIL, LAST, NOT_APPLICABLE, OF_KIND, PASS, UNKNOWN, stage_of, verdicts_of

ARN = "arn:aws:ec2:{region}:{account}:{kind}/{id}"
PREFIX = {"AWS::EC2::Instance": "instance", "AWS::EC2::Volume": "volume", "AWS::EC2::SecurityGroup": "security-group", "AWS::EC2::VPC": "vpc",
          "AWS::EC2::EIP": "elastic-ip", "AWS::EC2::NetworkAcl": "network-acl", "AWS::EC2::LaunchTemplate": "launch-template",
          "AWS::EC2::VPCPeeringConnection": "vpc-peering-connection", "AWS::EC2::TransitGateway": "transit-gateway",
          "AWS::EC2::NetworkInterface": "network-interface"}
INSTANCE = {
    "EC2IMDSv1Enabled": PASS, "EC2PublicIPAssigned": PASS, "EC2UnencryptedEBS": PASS, "EC2InstanceProfileMissing": PASS,
    "EC2InstanceUserDataSecrets": PASS,
    "EC2EnclaveHostIMDSv1Enabled": NOT_APPLICABLE, "EC2EnclaveHostOpenToWorld": NOT_APPLICABLE,
    "EC2InstanceNotManaged": PASS, "EC2InstanceParavirtual": PASS, "EC2InstanceSeveralInterfaces": PASS, "EC2InstanceStoppedLong": NOT_APPLICABLE,
}
ENCLAVE_HOST = {"EC2EnclaveHostIMDSv1Enabled": PASS, "EC2EnclaveHostOpenToWorld": PASS}
GROUP = {
    "EC2SecurityGroupOpenToWorld": PASS, "EC2SecurityGroupHighRiskPort": PASS, "EC2SecurityGroupRemoteAdministrationOpen": PASS,
    "EC2SecurityGroupCIFSOpen": PASS, "EC2SecurityGroupDatabasePortOpen": PASS, "EC2SecurityGroupAllPortsOpen": PASS,
    "EC2SecurityGroupUnauthorizedPortOpen": PASS, "EC2SecurityGroupDefaultUsed": NOT_APPLICABLE, "EC2SecurityGroupDefaultAllowsTraffic": NOT_APPLICABLE,
}
DEFAULT_GROUP = {**GROUP, "EC2SecurityGroupDefaultUsed": PASS, "EC2SecurityGroupDefaultAllowsTraffic": PASS}
# A default network ACL allows everything; created ones deny everything and have no subnet.
DEFAULT_ACL = {"VPCNetworkAclRemoteAdministrationOpen": FAIL, "VPCNetworkAclAllTrafficOpen": FAIL, "VPCNetworkAclUnused": NOT_APPLICABLE}
ACL = {"VPCNetworkAclRemoteAdministrationOpen": PASS, "VPCNetworkAclAllTrafficOpen": PASS, "VPCNetworkAclUnused": FAIL}
TEMPLATE = {
    "EC2LaunchTemplatePublicIP": PASS, "EC2LaunchTemplateIMDSv1Enabled": PASS, "EC2LaunchTemplateSecrets": PASS, "EC2LaunchTemplateVolumesUnencrypted": PASS,
}
# Resembles an access key.
WITH_SECRET = "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIA" + "QRIEESTATE7777AA" + "\n"
WITHOUT_SECRET = "#!/bin/sh\necho hello\n"
# One network has all of these endpoints.
ENDPOINTS = {
    "VPCEndpointForEC2Missing": "ec2", "VPCEndpointForEcrApiMissing": "ecr.api", "VPCEndpointForEcrImagesMissing": "ecr.dkr",
    "VPCEndpointForIncidentContactsMissing": "ssm-contacts", "VPCEndpointForIncidentsMissing": "ssm-incidents", "VPCEndpointForSystemsManagerMissing": "ssm",
}
VPC = {"VPCFlowLogsDisabled": PASS, "VPCDefaultInProduction": NOT_APPLICABLE, **dict.fromkeys(ENDPOINTS, FAIL)}
KINDS = ("good", "bad")
# The places where lists of groups, instances and addresses are denied, and those of volumes and network interfaces.
GROUPS_HIDDEN, FACTS_HIDDEN = (1, 1), (2, 1)

# The variants of resources that exist once per region, by account and region.
DEFAULT_VPCS = {(0, 0): "good", (0, 1): "bad", (1, 0): "bad", (1, 1): "good", (2, 0): "good", (2, 1): "unknown"}
# Settings of a region, by policy: the call, and what it answers where they are good and where they are bad.
ANSWERED = {
    "EBSSnapshotPublicSharingAllowed": ("GetSnapshotBlockPublicAccessState", "<state>{0}</state>", "block-all-sharing", "unblocked"),
    "EC2ImagePublicSharingAllowed": ("GetImageBlockPublicAccessState", "<imageBlockPublicAccessState>{0}</imageBlockPublicAccessState>", "block-new-sharing", "unblocked"),
    "EC2MetadataDefaultTokensOptional": ("GetInstanceMetadataDefaults", "<accountLevel><httpTokens>{0}</httpTokens></accountLevel>", "required", "optional"),
    "EC2SerialConsoleEnabled": ("GetSerialConsoleAccessStatus", "<serialConsoleAccessEnabled>{0}</serialConsoleAccessEnabled>", "false", "true"),
    "VPCPublicAccessNotBlocked": (
        "DescribeVpcBlockPublicAccessOptions",
        "<vpcBlockPublicAccessOptions><internetGatewayBlockMode>{0}</internetGatewayBlockMode></vpcBlockPublicAccessOptions>", "block-ingress", "off"),
}
SETTINGS = {(0, 0): "good", (0, 1): "good", (1, 0): "bad", (1, 1): "bad", (2, 0): "bad", (2, 1): "unknown"}

INSTANCES = [
    ("EC2IMDSv1Enabled", "good", {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}}, {}),
    ("EC2IMDSv1Enabled", "bad", {"MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}}, {}),
    ("EC2PublicIPAssigned", "good", {}, {}),
    ("EC2PublicIPAssigned", "bad", {"public": True}, {}),
    ("EC2InstanceProfileMissing", "good", {}, {}),
    ("EC2InstanceProfileMissing", "bad", {"profile": False}, {}),
    ("EC2InstanceUserDataSecrets", "good", {"user_data": WITHOUT_SECRET}, {}),
    ("EC2InstanceUserDataSecrets", "bad", {"user_data": WITH_SECRET}, {}),
    ("EC2EnclaveHostIMDSv1Enabled", "good", {"enclave": True}, ENCLAVE_HOST),
    ("EC2EnclaveHostIMDSv1Enabled", "bad", {"enclave": True, "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}},
     {**ENCLAVE_HOST, "EC2EnclaveHostIMDSv1Enabled": FAIL, "EC2IMDSv1Enabled": FAIL}),
    ("EC2EnclaveHostOpenToWorld", "good", {"enclave": True}, ENCLAVE_HOST),
    ("EC2EnclaveHostOpenToWorld", "bad", {"enclave": True, "open": True}, {**ENCLAVE_HOST, "EC2EnclaveHostOpenToWorld": FAIL}),
    ("EC2InstanceNotManaged", "good", {}, {}),
    ("EC2InstanceNotManaged", "bad", {"managed": False}, {}),
    ("EC2InstanceParavirtual", "good", {}, {}),
    ("EC2InstanceParavirtual", "bad", {"image": "ami-32c6146b"}, {}),
    ("EC2InstanceSeveralInterfaces", "good", {}, {}),
    ("EC2InstanceSeveralInterfaces", "bad", {"interfaces": 2}, {}),
    ("EC2InstanceStoppedLong", "good", {"stopped": True}, {}),
    # Whatever hosts an enclave was stopped long ago: see the proxy's change below.
    ("EC2InstanceStoppedLong", "bad", {"stopped": True, "enclave": True}, ENCLAVE_HOST),
    ("EC2UnencryptedEBS", "good", {}, {}),
    ("EC2UnencryptedEBS", "bad", {"encrypted": False}, {}),
]
ANYWHERE, OFFICE, ANYWHERE_6 = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, {"IpRanges": [{"CidrIp": "198.51.100.0/24"}]}, {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}


def tcp(low, high, sources):
    return {"IpProtocol": "tcp", "FromPort": low, "ToPort": high, **sources}


SSH_FROM_ANYWHERE = tcp(22, 22, ANYWHERE)
REACHED = {"EC2SecurityGroupOpenToWorld": FAIL, "EC2SecurityGroupUnauthorizedPortOpen": FAIL}
SSH_OPEN = {**REACHED, "EC2SecurityGroupHighRiskPort": FAIL, "EC2SecurityGroupRemoteAdministrationOpen": FAIL}
ALL_OPEN = {**SSH_OPEN, "EC2SecurityGroupCIFSOpen": FAIL, "EC2SecurityGroupDatabasePortOpen": FAIL, "EC2SecurityGroupAllPortsOpen": FAIL}
# The bad variants by region.
GROUPS = [
    ("EC2SecurityGroupOpenToWorld", "good", [tcp(443, 443, OFFICE)], [tcp(443, 443, OFFICE)], {}),
    ("EC2SecurityGroupOpenToWorld", "bad", [tcp(443, 443, ANYWHERE)], [tcp(80, 80, ANYWHERE_6)], {}),
    ("EC2SecurityGroupHighRiskPort", "good", [tcp(22, 22, OFFICE)], [tcp(3306, 3306, OFFICE)], {}),
    ("EC2SecurityGroupHighRiskPort", "bad", [tcp(25, 25, ANYWHERE)], [tcp(2990, 3010, ANYWHERE_6)], REACHED),
    ("EC2SecurityGroupRemoteAdministrationOpen", "good", [tcp(22, 22, OFFICE)], [tcp(3389, 3389, OFFICE)], {}),
    ("EC2SecurityGroupRemoteAdministrationOpen", "bad", [SSH_FROM_ANYWHERE], [tcp(3380, 3390, ANYWHERE_6)], SSH_OPEN),
    ("EC2SecurityGroupCIFSOpen", "good", [tcp(445, 445, OFFICE)], [tcp(139, 139, OFFICE)], {}),
    ("EC2SecurityGroupCIFSOpen", "bad", [tcp(139, 139, ANYWHERE)], [tcp(137, 139, ANYWHERE_6)], REACHED),
    ("EC2SecurityGroupDatabasePortOpen", "good", [tcp(6379, 6379, OFFICE)], [tcp(27017, 27017, OFFICE)], {}),
    ("EC2SecurityGroupDatabasePortOpen", "bad", [tcp(6379, 6379, ANYWHERE)], [tcp(11211, 11211, ANYWHERE_6)], REACHED),
    ("EC2SecurityGroupAllPortsOpen", "good", [tcp(0, 65535, OFFICE)], [{"IpProtocol": "-1", **OFFICE}], {}),
    ("EC2SecurityGroupAllPortsOpen", "bad", [{"IpProtocol": "-1", **ANYWHERE}], [tcp(0, 65535, ANYWHERE_6)], ALL_OPEN),
    ("EC2SecurityGroupUnauthorizedPortOpen", "good", [tcp(443, 443, ANYWHERE)], [tcp(80, 80, ANYWHERE_6)], {"EC2SecurityGroupOpenToWorld": FAIL}),
    ("EC2SecurityGroupUnauthorizedPortOpen", "bad", [tcp(8443, 8443, ANYWHERE)], [tcp(442, 444, ANYWHERE_6)], {"EC2SecurityGroupOpenToWorld": FAIL}),
]
# Edge cases: rules that are open only in combination, or almost, and prefix lists; the entries of the last one are denied.
HALVES = {"IpRanges": [{"CidrIp": "0.0.0.0/1"}]}, {"IpRanges": [{"CidrIp": "128.0.0.0/1"}]}
PUBLIC = {"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/2"}, {"CidrIp": "192.0.0.0/3"}]}
NEAR_GROUPS = [
    ("two halves of a port", [tcp(22, 22, HALVES[0]), tcp(20, 25, HALVES[1])], SSH_OPEN),
    ("two halves of two ports", [tcp(22, 22, HALVES[0]), tcp(443, 443, HALVES[1])], {}),
    ("public addresses only", [tcp(5432, 5432, PUBLIC)], {**REACHED, "EC2SecurityGroupHighRiskPort": FAIL, "EC2SecurityGroupDatabasePortOpen": FAIL}),
]
LISTS = [
    ("offices", ["198.51.100.0/24", "203.0.113.0/25"], {}),
    ("everyone", ["0.0.0.0/1", "128.0.0.0/1"], SSH_OPEN),
    ("hidden", ["0.0.0.0/0"], dict.fromkeys(SSH_OPEN, UNKNOWN)),
]


def build(estate):
    estate.networks = {(account, region): Cell(estate, account, region) for account, region in estate.cells()}
    for cell in estate.networks.values():
        cell.build()
    for call, account, types in (
        ("DescribeInstances", 1, ["Instance"]), ("DescribeSecurityGroups", 1, ["SecurityGroup"]), ("DescribeAddresses", 1, ["EIP"]),
        ("DescribeVolumes", 2, ["Volume"]), ("DescribeNetworkInterfaces", 2, ["NetworkInterface"]), ("DescribeNetworkAcls", 2, ["NetworkAcl"]),
        ("DescribeVpcEndpoints", 2, ["VPCEndpoint"]), ("DescribeSubnets", 2, ["Subnet"]), ("DescribeRouteTables", 2, ["RouteTable"]), ("DescribeTransitGateways", 2, ["TransitGateway"]),
    ):
        estate.deny_list(f"ec2:{call}", account, [f"AWS::EC2::{t}" for t in types], region=1)
    estate.deny("ec2:DescribeFlowLogs", 2, region=1)
    estate.deny("ec2:GetEbsEncryptionByDefault", 2, region=1)


class Cell:
    """One account in one region."""

    def __init__(self, estate, account, region):
        self.estate, self.account, self.region = estate, account, region
        self.ec2 = estate.client("ec2", account, region)
        self.cell = (account, region)
        self.main = self.subnet = self.group = self.image = self.backed_up = self.web = self.peer = self.routes = None
        # managed: the instances that Systems Manager knows.
        self.enclave_hosts, self.managed = [], []

    def build(self):
        self.estate.at(0, self.base)
        for policy, kind, first, second, also in GROUPS:
            self.variant(policy, kind, self.rules_variant, (first, second)[self.region], also)
            if kind == "bad" and self.cell == GROUPS_HIDDEN:
                self.variant(policy, "unknown", self.rules_variant, (first, second)[self.region], {})
        for policy, kind, different, also in INSTANCES:
            # A denied call affects all resources of the region, so there are no good variants.
            hidden = FACTS_HIDDEN if policy in ("EC2InstanceNotManaged", "EC2UnencryptedEBS") else GROUPS_HIDDEN
            # That an instance is not managed is certain only if the machines of all regions of the account could be listed.
            if (policy, kind, self.account) == ("EC2InstanceNotManaged", "bad", 2) and self.cell != hidden:
                continue
            if self.cell != hidden or hidden == GROUPS_HIDDEN:
                self.variant(policy, kind, self.instance, different, also)
            if kind == "bad" and self.cell == hidden:
                self.variant(policy, "unknown", self.instance, different, {})
        for policy, make, hidden in (
            ("VPCFlowLogsDisabled", self.logged_vpc, FACTS_HIDDEN), ("EC2SecurityGroupDefaultUsed", self.vpc_with_default_group, FACTS_HIDDEN),
            ("EBSUnencrypted", self.volume_variant, FACTS_HIDDEN), ("EC2ElasticIPUnassociated", self.address, GROUPS_HIDDEN),
        ):
            for kind in ("unknown",) if self.cell == hidden else KINDS:
                self.variant(policy, kind, make)
        for policy, make in (
            ("EBSSnapshotPublic", self.snapshot), ("EC2ImagePublic", self.shared_image), ("EC2LaunchTemplatePublicIP", self.template),
            ("EC2LaunchTemplateIMDSv1Enabled", self.template), ("EC2LaunchTemplateSecrets", self.template),
            ("EC2LaunchTemplateVolumesUnencrypted", self.template),
        ):
            for kind in (*KINDS, "unknown"):
                self.variant(policy, kind, make)
        for policy, make in (
            ("VPCNetworkAclRemoteAdministrationOpen", self.acl), ("VPCNetworkAclAllTrafficOpen", self.acl), ("VPCNetworkAclUnused", self.acl),
            ("VPCSubnetPublicIPAutoAssigned", self.mapped_subnet), ("EC2TransitGatewayAutoAcceptEnabled", self.transit_gateway),
            ("VPCPeeringRouteTooWide", self.peering), ("EC2NetworkInterfaceSourceDestCheckDisabled", self.unchecked_interface),
        ):
            for kind in ("unknown",) if self.cell == FACTS_HIDDEN else KINDS:
                self.variant(policy, kind, make)
        policy = "EC2SecurityGroupDefaultAllowsTraffic"
        for kind in (*KINDS, "unknown") if self.cell == GROUPS_HIDDEN else KINDS:
            self.variant(policy, kind, self.vpc_with_closed_group)
        self.estate.at(LAST, self.what_networks_bring)

    def variant(self, policy, kind, make, *arguments):
        self.estate.at(stage_of(policy, kind, self.account), make, policy, kind, *arguments)

    def base(self):
        """The resources that the variants depend on."""
        # The emulator has snapshots of its own images in every account, which are not shared.
        for snapshot in self.own_snapshots():
            self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot["SnapshotId"]), "emulator", {"EBSSnapshotPublic": PASS})
        self.settings()
        self.default_vpc()
        self.main = self.vpc("estate", VPC)
        self.subnet = self.ec2.create_subnet(VpcId=self.main, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.group = self.security_group(self.main, "estate", [], GROUP)
        self.web = self.security_group(self.main, "web", [tcp(443, 443, ANYWHERE)], {**GROUP, "EC2SecurityGroupOpenToWorld": FAIL})
        self.peer = self.vpc("peer", VPC, cidr="10.2.0.0/16")
        self.routes = self.ec2.create_route_table(VpcId=self.main)["RouteTable"]["RouteTableId"]
        self.networks_with_endpoints()
        iam = self.estate.client("iam", self.account, self.region)
        self.profile = f"estate-{self.region}"
        iam.create_instance_profile(InstanceProfileName=self.profile)
        # The emulator does not store which instances host enclaves, nor when an instance was stopped: those that are were stopped in 2020.
        self.estate.edit(
            "ec2:DescribeInstances", self.account,
            lambda: f"(?s)(<instanceId>(?:{'|'.join(self.enclave_hosts) or 'none'})</instanceId>(?:(?!<reason).)*)<reason(?:/>|>[^<]*</reason>)",
            "${1}<reason>User initiated (2020-01-31 12:00:00 GMT)</reason><enclaveOptions><enabled>true</enabled></enclaveOptions>", region=self.region)
        for name, rules, different in NEAR_GROUPS:
            self.security_group(self.main, name, rules, {**GROUP, **different})
        for name, entries, different in LISTS:
            self.listed_group(name, entries, different)
        self.image = self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        self.backed_up = self.volume("backed-up", encrypted=True)
        self.expect("AWS::EC2::Volume", self.backed_up, "backed-up", {"EBSUnencrypted": PASS})

    def expect(self, type_name, id_, name, verdicts):
        hidden = {
            GROUPS_HIDDEN: ("AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::EC2::EIP"),
            FACTS_HIDDEN: ("AWS::EC2::Volume", "AWS::EC2::VPCEndpoint", "AWS::EC2::NetworkAcl", "AWS::EC2::NetworkInterface", "AWS::EC2::Subnet", "AWS::EC2::TransitGateway"),
        }
        if type_name in hidden.get(self.cell, ()):
            self.estate.hidden.append(name)
            return
        if self.cell == FACTS_HIDDEN:
            # Unknown without volumes, interfaces and flow logs. The interfaces of groups other than the default one are not needed.
            hidden = (
                *ENDPOINTS, "EC2InstanceNotManaged", "EC2UnencryptedEBS", "VPCFlowLogsDisabled", "VPCDefaultInProduction", "EC2SecurityGroupDefaultUsed",
                "VPCPeeringRouteTooWide")
            verdicts = {p: UNKNOWN if p in hidden and v != NOT_APPLICABLE else v for p, v in verdicts.items()}
        arn = id_ if id_.startswith("arn:") else ARN.format(
            region=self.estate.regions[self.region], account=self.estate.accounts[self.account], kind=PREFIX[type_name], id=id_)
        self.estate.expect(self.account, self.region, type_name, arn, name, verdicts)

    def name(self, id_, name):
        self.ec2.create_tags(Resources=[id_], Tags=[{"Key": "Name", "Value": name}, {"Key": "team", "Value": ("platform", "orders", "web")[self.account]}])

    def settings(self):
        kind = SETTINGS[self.cell]
        if kind == "good":
            self.ec2.enable_ebs_encryption_by_default()
        policy = "EBSDefaultEncryptionDisabled"
        arn = f"arn:aws:ec2:{self.estate.regions[self.region]}:{self.estate.accounts[self.account]}:settings"
        self.expect("AWS::EC2::Region", arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))
        for policy, (call, told, good, bad) in ANSWERED.items():
            if kind == "unknown":
                self.estate.deny(f"ec2:{call}", self.account, region=self.region)
            else:
                told = f"<{call}Response><requestId>1</requestId>{told.format(good if kind == 'good' else bad)}</{call}Response>"
                self.estate.answer_xml(f"ec2:{call}", self.account, told, region=self.region)
            self.expect("AWS::EC2::Region", arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))

    def networks_with_endpoints(self):
        """One with all endpoints and one with none, each the variant of every policy about endpoints."""
        for kind in ("unknown",) if self.cell == FACTS_HIDDEN else KINDS:
            vpc = self.vpc(f"endpoints--{kind}", {p: v for p, v in VPC.items() if p not in ENDPOINTS}, cidr="10.3.0.0/16")
            for policy, service in ENDPOINTS.items():
                if kind == "good":
                    self.ec2.create_vpc_endpoint(
                        VpcId=vpc, VpcEndpointType="Interface", ServiceName=f"com.amazonaws.{self.estate.regions[self.region]}.{service}")
                self.expect("AWS::EC2::VPC", vpc, f"{policy}--{kind}", {policy: PASS if kind == "good" else FAIL})

    def flow_logs(self, vpc):
        made = self.ec2.create_flow_logs(
            ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::access-logs-{self.region}-{self.estate.accounts[self.account]}")
        if made.get("Unsuccessful"):
            raise SystemExit(f"no flow logs: {made['Unsuccessful']}")

    def default_group(self, vpc):
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
        return self.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]

    def default_vpc(self):
        """The default network of the account, with flow logs. A bad one is in use."""
        kind = DEFAULT_VPCS[self.cell]
        vpc = self.ec2.describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        name = f"VPCDefaultInProduction--{kind}"
        self.name(vpc, name)
        self.flow_logs(vpc)
        self.expect("AWS::EC2::VPC", vpc, name, verdicts_of(VPC, "VPCDefaultInProduction", kind))
        group = self.default_group(vpc)
        self.close(group)
        self.expect("AWS::EC2::SecurityGroup", group, name, DEFAULT_GROUP)
        if kind == "bad":
            subnet = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
            group = self.security_group(vpc, "workload", [], GROUP)
            self.interface(subnet, group, name)

    def close(self, group):
        """Removes all rules from a group."""
        rules = self.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        if rules["IpPermissions"]:
            self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules["IpPermissions"])
        if rules["IpPermissionsEgress"]:
            self.ec2.revoke_security_group_egress(GroupId=group, IpPermissions=rules["IpPermissionsEgress"])

    def vpc(self, name, verdicts, logged=True, default_group=DEFAULT_GROUP, closed=True, cidr="10.0.0.0/16"):
        vpc = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        self.name(vpc, name)
        if logged:
            self.flow_logs(vpc)
        self.expect("AWS::EC2::VPC", vpc, name, verdicts)
        group = self.default_group(vpc)
        if closed:
            self.close(group)
        self.name(group, name)
        self.expect("AWS::EC2::SecurityGroup", group, name, default_group)
        return vpc

    def logged_vpc(self, policy, kind):
        self.vpc(f"{policy}--{kind}", verdicts_of(VPC, policy, kind), logged=kind == "good")

    def vpc_with_default_group(self, policy, kind):
        vpc = self.vpc(f"{policy}--{kind}", VPC, default_group=verdicts_of(DEFAULT_GROUP, policy, kind))
        if kind == "bad":
            subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
            self.interface(subnet, self.default_group(vpc), f"{policy}--{kind}")

    def vpc_with_closed_group(self, policy, kind):
        self.vpc(f"{policy}--{kind}", VPC, default_group=verdicts_of(DEFAULT_GROUP, policy, kind), closed=kind == "good")

    def interface(self, subnet, group, name):
        return self.ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description=name)["NetworkInterface"]["NetworkInterfaceId"]

    def address(self, policy, kind):
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.name(address, f"{policy}--{kind}")
        if kind == "good":
            self.ec2.associate_address(AllocationId=address, NetworkInterfaceId=self.interface(self.subnet, self.group, f"{policy}--{kind}"))
        self.expect("AWS::EC2::EIP", address, f"{policy}--{kind}", verdicts_of({}, policy, kind))

    def rules_variant(self, policy, kind, rules, also):
        self.security_group(self.main, f"{policy}--{kind}", rules, verdicts_of(GROUP, policy, kind, also))

    def security_group(self, vpc, name, rules, verdicts):
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        self.name(group, name)
        if rules:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
        self.expect("AWS::EC2::SecurityGroup", group, name, verdicts)
        return group

    def listed_group(self, name, entries, different):
        prefix_list = self.ec2.create_managed_prefix_list(
            PrefixListName=name, AddressFamily="IPv4", MaxEntries=10, Entries=[{"Cidr": cidr} for cidr in entries])["PrefixList"]["PrefixListId"]
        if name == "hidden":
            self.estate.deny("ec2:GetManagedPrefixListEntries", self.account, prefix_list, self.region)
        self.security_group(self.main, f"SSH for the list {name}", [tcp(22, 22, {"PrefixListIds": [{"PrefixListId": prefix_list}]})], {**GROUP, **different})

    def instance(self, policy, kind, different, also):
        name = f"{policy}--{kind}"
        encrypted = different.get("encrypted", True)
        run = self.ec2.run_instances(
            ImageId=different.get("image", self.image), MinCount=1, MaxCount=1, InstanceType="t3.micro",
            MetadataOptions=different.get("MetadataOptions", {"HttpTokens": "required", "HttpEndpoint": "enabled"}),
            NetworkInterfaces=[{
                "DeviceIndex": index, "SubnetId": self.subnet, "Groups": [self.web if different.get("open") else self.group],
                "AssociatePublicIpAddress": different.get("public", False)} for index in range(different.get("interfaces", 1))],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": encrypted, "DeleteOnTermination": True}}],
            **({"IamInstanceProfile": {"Name": self.profile}} if different.get("profile", True) else {}),
            **({"UserData": different["user_data"]} if "user_data" in different else {}))
        instance = run["Instances"][0]["InstanceId"]
        if different.get("enclave"):
            self.enclave_hosts.append(instance)
        if different.get("stopped"):
            self.ec2.stop_instances(InstanceIds=[instance])
        if different.get("managed", True):
            self.managed.append(instance)
        self.name(instance, name)
        self.expect("AWS::EC2::Instance", instance, name, verdicts_of(INSTANCE, policy, kind, also))
        for volume in self.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])["Volumes"]:
            self.expect("AWS::EC2::Volume", volume["VolumeId"], name, {"EBSUnencrypted": PASS if encrypted else FAIL})

    def volume_variant(self, policy, kind):
        volume = self.volume(f"{policy}--{kind}", encrypted=kind == "good")
        self.expect("AWS::EC2::Volume", volume, f"{policy}--{kind}", {policy: OF_KIND[kind]})

    def volume(self, name, encrypted):
        zone = f"{self.estate.regions[self.region]}a"
        volume = self.ec2.create_volume(AvailabilityZone=zone, Size=20, Encrypted=encrypted)["VolumeId"]
        self.name(volume, name)
        return volume

    def snapshot(self, policy, kind):
        name = f"{policy}--{kind}"
        snapshot = self.ec2.create_snapshot(VolumeId=self.backed_up, Description=name)["SnapshotId"]
        self.name(snapshot, name)
        share = {"GroupNames": ["all"]} if kind == "bad" else {"UserIds": [self.estate.accounts[0]]}
        self.ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", **share)
        if kind == "unknown":
            self.estate.deny("ec2:DescribeSnapshotAttribute", self.account, snapshot, self.region)
        self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot), name, verdicts_of({}, policy, kind))

    def shared_image(self, policy, kind):
        name = f"{policy}--{kind}"
        before = {s["SnapshotId"] for s in self.own_snapshots()}
        image = self.ec2.register_image(
            Name=name, RootDeviceName="/dev/sda1", Architecture="x86_64", VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8}}])["ImageId"]
        self.name(image, name)
        if kind == "bad":
            self.ec2.modify_image_attribute(ImageId=image, Attribute="launchPermission", OperationType="add", UserGroups=["all"])
        if kind == "unknown":
            self.estate.deny("ec2:DescribeImageAttribute", self.account, image, self.region)
        self.expect("AWS::EC2::Image", self.without_account("image", image), name, verdicts_of({}, policy, kind))
        # The emulator creates a snapshot for it, which is not shared.
        for snapshot in self.own_snapshots():
            if snapshot["SnapshotId"] not in before:
                self.expect("AWS::EC2::Snapshot", self.without_account("snapshot", snapshot["SnapshotId"]), name, {"EBSSnapshotPublic": PASS})

    def template(self, policy, kind):
        name = f"{policy}--{kind}"
        bad = policy if kind == "bad" else None
        made = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={
            "ImageId": self.image, "InstanceType": "t3.micro",
            "MetadataOptions": {"HttpTokens": "optional" if bad == "EC2LaunchTemplateIMDSv1Enabled" else "required"},
            "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": bad == "EC2LaunchTemplatePublicIP"}],
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "Encrypted": bad != "EC2LaunchTemplateVolumesUnencrypted"}}],
            "UserData": base64.b64encode((WITH_SECRET if bad == "EC2LaunchTemplateSecrets" else WITHOUT_SECRET).encode()).decode(),
        })["LaunchTemplate"]["LaunchTemplateId"]
        if kind == "unknown":
            self.estate.deny("ec2:DescribeLaunchTemplateVersions", self.account, made, self.region)
        self.expect("AWS::EC2::LaunchTemplate", made, name, dict.fromkeys(TEMPLATE, UNKNOWN) if kind == "unknown" else verdicts_of(TEMPLATE, policy, kind))

    def acl(self, policy, kind):
        """Created ACLs deny everything and have no subnet."""
        name = f"{policy}--{kind}"
        acl = self.ec2.create_network_acl(VpcId=self.main)["NetworkAcl"]["NetworkAclId"]
        self.name(acl, name)
        if kind != "good" and policy != "VPCNetworkAclUnused":
            ports = {"Protocol": "-1"} if policy == "VPCNetworkAclAllTrafficOpen" else {"Protocol": "6", "PortRange": {"From": 22, "To": 22}}
            self.ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0", **ports)
        if kind == "good" and policy == "VPCNetworkAclUnused":
            subnet = self.ec2.create_subnet(VpcId=self.main, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
            self.name(subnet, name)
            of_subnet = self.ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"][0]["Associations"]
            association = next(a["NetworkAclAssociationId"] for a in of_subnet if a["SubnetId"] == subnet)
            self.ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)
        also = {"VPCNetworkAclRemoteAdministrationOpen": FAIL} if policy == "VPCNetworkAclAllTrafficOpen" and kind == "bad" else {}
        self.expect("AWS::EC2::NetworkAcl", acl, name, verdicts_of(ACL, policy, kind, also))

    def mapped_subnet(self, policy, kind):
        cidr = {"good": "10.0.10.0/24", "bad": "10.0.11.0/24", "unknown": "10.0.12.0/24"}[kind]
        subnet = self.ec2.create_subnet(VpcId=self.main, CidrBlock=cidr)["Subnet"]["SubnetId"]
        self.name(subnet, f"{policy}--{kind}")
        self.ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": kind == "bad"})

    def unchecked_interface(self, policy, kind):
        interface = self.interface(self.subnet, self.group, f"{policy}--{kind}")
        if kind == "bad":
            self.ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, SourceDestCheck={"Value": False})

    def transit_gateway(self, policy, kind):
        name = f"{policy}--{kind}"
        made = self.ec2.create_transit_gateway(
            Description=name, Options={"AutoAcceptSharedAttachments": "enable" if kind == "bad" else "disable"})["TransitGateway"]
        self.name(made["TransitGatewayId"], name)
        self.expect("AWS::EC2::TransitGateway", made["TransitGatewayArn"], name, verdicts_of({}, policy, kind))

    def peering(self, policy, kind):
        """The bad one routes to the whole other network."""
        made = self.ec2.create_vpc_peering_connection(VpcId=self.main, PeerVpcId=self.peer)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        self.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
        self.name(made, f"{policy}--{kind}")
        destination = "10.2.0.0/16" if kind == "bad" else "10.2.3.0/24"
        self.ec2.create_route(RouteTableId=self.routes, DestinationCidrBlock=destination, VpcPeeringConnectionId=made)
        self.expect("AWS::EC2::VPCPeeringConnection", made, f"{policy}--{kind}", verdicts_of({}, policy, kind))

    def what_networks_bring(self):
        """Default network ACLs, all subnets, and all interfaces."""
        for interface in self.ec2.describe_network_interfaces()["NetworkInterfaces"]:
            verdict = PASS if interface["SourceDestCheck"] else FAIL
            self.expect("AWS::EC2::NetworkInterface", interface["NetworkInterfaceId"], interface["Description"],
                        {"EC2NetworkInterfaceSourceDestCheckDisabled": verdict})
        for acl in self.ec2.describe_network_acls(Filters=[{"Name": "default", "Values": ["true"]}])["NetworkAcls"]:
            self.expect("AWS::EC2::NetworkAcl", acl["NetworkAclId"], "default", DEFAULT_ACL)
        for subnet in self.ec2.describe_subnets()["Subnets"]:
            name = next((tag["Value"] for tag in subnet.get("Tags", []) if tag["Key"] == "Name"), "subnet")
            self.expect("AWS::EC2::Subnet", subnet["SubnetArn"], name, {"VPCSubnetPublicIPAutoAssigned": FAIL if subnet["MapPublicIpOnLaunch"] else PASS})

    def own_snapshots(self):
        return self.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]

    def without_account(self, kind, id_):
        return f"arn:aws:ec2:{self.estate.regions[self.region]}::{kind}/{id_}"

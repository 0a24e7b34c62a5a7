"""Doors of buckets, and what connects networks: access points, client VPN endpoints, VPN connections, spot fleets.

The emulator has no client VPN, and of the rest it cannot be told what is evaluated: answers are made here.
"""
from xml.sax.saxutils import escape

from model import PASS, stage_of, verdicts_of
from s3 import BLOCKED, logs_of

VPN, CLIENT_VPN, FLEET = "AWS::EC2::VPNConnection", "AWS::EC2::ClientVpnEndpoint", "AWS::EC2::SpotFleet"
POINT, MULTI = "AWS::S3::AccessPoint", "AWS::S3::MultiRegionAccessPoint"
LOGS, TUNNELS = "EC2VPNConnectionLoggingDisabled", "EC2VPNConnectionTunnelDown"
CLIENT_LOGS, VOLUMES = "EC2ClientVpnLoggingDisabled", "EC2SpotFleetVolumesUnencrypted"
BLOCK, MULTI_BLOCK = "S3AccessPointPublicAccessBlockDisabled", "S3MultiRegionAccessPointPublicAccessBlockDisabled"
LISTS = {"DescribeVpnConnections": ("vpnConnectionSet", VPN), "DescribeClientVpnEndpoints": ("clientVpnEndpoint", CLIENT_VPN),
         "DescribeSpotFleetRequests": ("spotFleetRequestConfigSet", FLEET)}
HIDDEN = (2, 1)


def build(estate):
    estate.doors = {(call, cell): [] for call in LISTS for cell in estate.cells()}
    for call, (set_, type_name) in LISTS.items():
        estate.deny_list(f"ec2:{call}", HIDDEN[0], [type_name], region=HIDDEN[1])
        for account, region in estate.cells():
            if (account, region) != HIDDEN:
                estate.answer_xml(
                    f"ec2:{call}", account, lambda call=call, set_=set_, cell=(account, region): listed(call, set_, estate.doors[call, cell]), region=region)
    for account, region in estate.cells():
        # Nothing is evaluated about them.
        estate.answer_xml("ec2:DescribeInstanceConnectEndpoints", account, listed("DescribeInstanceConnectEndpoints", "instanceConnectEndpointSet", []), region=region)
        hidden = (account, region) == HIDDEN
        for policy, make in ((LOGS, vpn), (TUNNELS, vpn), (CLIENT_LOGS, client_vpn), (VOLUMES, fleet)):
            for kind in ("unknown",) if hidden else ("good", "bad"):
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)
    for account in range(len(estate.accounts)):
        for kind in ("good", "bad", "unknown"):
            estate.at(stage_of(BLOCK, kind, account), access_point, estate, account, kind)
        for kind in ("unknown",) if account == 2 else ("good", "bad"):
            estate.at(stage_of(MULTI_BLOCK, kind, account), multi_region, estate, account, kind)
        estate.answer_xml("s3control:ListTagsForResource", account, "<ListTagsForResourceResult><Tags/></ListTagsForResourceResult>")
    estate.deny_list("s3control:ListMultiRegionAccessPoints", 2, [MULTI])


def listed(call, set_, elements):
    return f"<{call}Response><requestId>1</requestId><{set_}>{''.join(elements)}</{set_}></{call}Response>"


def add(estate, account, region, call, type_name, kind_of_arn, id_, policy, kind, element, verdicts):
    name = f"{policy}--{kind}"
    if (account, region) == HIDDEN:
        estate.hidden.append(name)
        return
    tags = f"<tagSet><item><key>Name</key><value>{escape(name)}</value></item></tagSet>"
    estate.doors[call, (account, region)].append(f"<item>{element}{tags}</item>")
    estate.expect(account, region, type_name, f"arn:aws:ec2:{estate.regions[region]}:{estate.accounts[account]}:{kind_of_arn}/{id_}", name, verdicts)


def number(policy, kind):
    return f"{sum(map(ord, policy + kind)):017x}"


def vpn(estate, account, region, policy, kind):
    id_, wrong = f"vpn-{number(policy, kind)}", policy if kind != "good" else None
    options = "".join(
        f"<item><outsideIpAddress>192.0.2.{n}</outsideIpAddress><logOptions><cloudWatchLogOptions><logEnabled>{str(wrong != LOGS or n == 1).lower()}</logEnabled>"
        "</cloudWatchLogOptions></logOptions></item>" for n in (1, 2))
    tunnels = "".join(
        f"<item><outsideIpAddress>192.0.2.{n}</outsideIpAddress><status>{'DOWN' if wrong == TUNNELS and n == 2 else 'UP'}</status></item>" for n in (1, 2))
    element = (f"<vpnConnectionId>{id_}</vpnConnectionId><state>available</state><type>ipsec.1</type><options><tunnelOptionSet>{options}</tunnelOptionSet></options>"
               f"<vgwTelemetry>{tunnels}</vgwTelemetry>")
    add(estate, account, region, "DescribeVpnConnections", VPN, "vpn-connection", id_, policy, kind, element, verdicts_of({LOGS: PASS, TUNNELS: PASS}, policy, kind))


def client_vpn(estate, account, region, policy, kind):
    id_ = f"cvpn-endpoint-{number(policy, kind)}"
    element = (f"<clientVpnEndpointId>{id_}</clientVpnEndpointId><status><code>available</code></status>"
               f"<connectionLogOptions><Enabled>{str(kind == 'good').lower()}</Enabled></connectionLogOptions>")
    add(estate, account, region, "DescribeClientVpnEndpoints", CLIENT_VPN, "client-vpn-endpoint", id_, policy, kind, element, verdicts_of({}, policy, kind))


def fleet(estate, account, region, policy, kind):
    id_ = f"sfr-{number(policy, kind)}"
    encrypted = "<encrypted>true</encrypted>" if kind == "good" else ""
    element = (f"<spotFleetRequestId>{id_}</spotFleetRequestId><spotFleetRequestState>active</spotFleetRequestState><spotFleetRequestConfig><launchSpecifications><item>"
               f"<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeSize>8</volumeSize>{encrypted}</ebs></item></blockDeviceMapping>"
               "</item></launchSpecifications></spotFleetRequestConfig>")
    add(estate, account, region, "DescribeSpotFleetRequests", FLEET, "spot-fleet-request", id_, policy, kind, element, verdicts_of({}, policy, kind))


def access_point(estate, account, kind):
    """In the emulator all of them are in us-east-1."""
    name = f"{BLOCK}--{kind}".lower()
    client = estate.client("s3control", account)
    client.create_access_point(
        AccountId=estate.accounts[account], Name=name, Bucket=logs_of(estate, account, 0),
        PublicAccessBlockConfiguration={**BLOCKED, "BlockPublicPolicy": kind != "bad"})
    if kind == "unknown":
        estate.deny("s3control:GetAccessPoint", account, resource=name)
    estate.expect(account, 0, POINT, f"arn:aws:s3:us-east-1:{estate.accounts[account]}:accesspoint/{name}", f"{BLOCK}--{kind}", verdicts_of({}, BLOCK, kind))


def multi_region(estate, account, kind):
    name = f"{MULTI_BLOCK}-{kind}"[-50:].strip("-").lower()
    client, number_ = estate.client("s3control", account), estate.accounts[account]
    client.create_multi_region_access_point(AccountId=number_, ClientToken=name, Details={
        "Name": name, "PublicAccessBlock": {**BLOCKED, "BlockPublicAcls": kind != "bad"}, "Regions": [{"Bucket": logs_of(estate, account, 0)}]})
    if account == 2:
        estate.hidden.append(f"{MULTI_BLOCK}--{kind}")
        return
    alias = client.get_multi_region_access_point(AccountId=number_, Name=name)["AccessPoint"]["Alias"]
    estate.expect(account, 0, MULTI, f"arn:aws:s3::{number_}:accesspoint/{alias}", f"{MULTI_BLOCK}--{kind}", verdicts_of({}, MULTI_BLOCK, kind))

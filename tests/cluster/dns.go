package main

import (
	"context"
	"encoding/binary"
	"flag"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	core "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/clientcmd"
)

const clusterDomain = ".svc.cluster.local."

// nameServer answers for services as Kubernetes' DNS specification has it, IPv4 addresses only,
// and passes every other question on to the machine's own name server.
type nameServer struct {
	services core.ServiceLister
	slices   discoverylisters.EndpointSliceLister
	upstream string
}

func serveNames(args []string) error {
	flags := flag.NewFlagSet("dns", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig of someone who may watch services and endpoint slices")
	listen := flags.String("listen", "127.0.0.1:1053", "address to answer at, by UDP and TCP")
	_ = flags.Parse(args)
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	server := &nameServer{factory.Core().V1().Services().Lister(), factory.Discovery().V1().EndpointSlices().Lister(), firstNameServer()}
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	stream, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	packets, err := net.ListenPacket("udp", *listen)
	if err != nil {
		return err
	}
	log.Printf("answering at %s, passing on to %q", *listen, server.upstream)
	go server.serveStream(stream)
	buffer := make([]byte, 65535)
	for {
		size, peer, err := packets.ReadFrom(buffer)
		if err != nil {
			return err
		}
		question := append([]byte(nil), buffer[:size]...)
		go func() { _, _ = packets.WriteTo(server.answer(question, "udp"), peer) }()
	}
}

func (s *nameServer) serveStream(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer connection.Close()
			for {
				_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
				question, err := readFramed(connection)
				if err != nil || writeFramed(connection, s.answer(question, "tcp")) != nil {
					return
				}
			}
		}()
	}
}

func (s *nameServer) answer(packet []byte, network string) []byte {
	var query dnsmessage.Message
	if query.Unpack(packet) != nil || len(query.Questions) != 1 {
		return nil
	}
	question := query.Questions[0]
	name := strings.ToLower(question.Name.String())
	reply := dnsmessage.Message{Header: query.Header, Questions: query.Questions}
	reply.Response, reply.RecursionAvailable = true, true
	switch addresses, found := s.addresses(name); {
	case !strings.HasSuffix(name, ".cluster.local."):
		if answer, err := s.pass(packet, network); err == nil {
			return answer
		}
		reply.RCode = dnsmessage.RCodeServerFailure
	case !found:
		reply.Authoritative, reply.RCode = true, dnsmessage.RCodeNameError
	case question.Type == dnsmessage.TypeA:
		reply.Authoritative = true
		for _, address := range addresses {
			header := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 5}
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(address)}})
		}
	}
	encoded, _ := reply.Pack()
	return encoded
}

// addresses of SERVICE.NAMESPACE.svc.cluster.local., or of HOST in front of that.
func (s *nameServer) addresses(name string) (addresses []net.IP, found bool) {
	parts := strings.Split(strings.TrimSuffix(name, clusterDomain), ".")
	if !strings.HasSuffix(name, clusterDomain) || len(parts) < 2 || len(parts) > 3 {
		return nil, false
	}
	service, namespace, host := parts[len(parts)-2], parts[len(parts)-1], ""
	if len(parts) == 3 {
		host = parts[0]
	}
	object, err := s.services.Services(namespace).Get(service)
	if err != nil {
		return nil, false
	}
	if address := net.ParseIP(object.Spec.ClusterIP).To4(); address != nil {
		return []net.IP{address}, host == ""
	}
	slices, _ := s.slices.EndpointSlices(namespace).List(labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: service}))
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			ready := endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready || object.Spec.PublishNotReadyAddresses
			if !ready || host != "" && (endpoint.Hostname == nil || *endpoint.Hostname != host) {
				continue
			}
			for _, text := range endpoint.Addresses {
				if address := net.ParseIP(text).To4(); address != nil {
					addresses = append(addresses, address)
				}
			}
		}
	}
	return addresses, host == "" || len(addresses) > 0
}

func (s *nameServer) pass(packet []byte, network string) ([]byte, error) {
	connection, err := net.DialTimeout(network, s.upstream, 2*time.Second)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(3 * time.Second))
	if network == "tcp" {
		if err := writeFramed(connection, packet); err != nil {
			return nil, err
		}
		return readFramed(connection)
	}
	if _, err := connection.Write(packet); err != nil {
		return nil, err
	}
	buffer := make([]byte, 65535)
	size, err := connection.Read(buffer)
	return buffer[:size], err
}

func firstNameServer() string {
	content, _ := os.ReadFile("/etc/resolv.conf")
	for _, line := range strings.Split(string(content), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "nameserver" {
			return net.JoinHostPort(fields[1], "53")
		}
	}
	return ""
}

func readFramed(from io.Reader) ([]byte, error) {
	var size uint16
	if err := binary.Read(from, binary.BigEndian, &size); err != nil {
		return nil, err
	}
	message := make([]byte, size)
	_, err := io.ReadFull(from, message)
	return message, err
}

func writeFramed(to io.Writer, message []byte) error {
	_, err := to.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
	return err
}
